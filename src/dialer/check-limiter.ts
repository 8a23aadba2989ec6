import PQueue from 'p-queue'

/** Maximum number of checks in flight in a node. A libp2p node accepts 5 connections a second from one host: 30 in the 6 s of a check */
const MAX_CHECKS = 64

/** Maximum number of checks in flight for one peer, so that one peer does not delay the checks of others */
const MAX_CHECKS_PER_PEER = 4

/** Limits the checks of connections in flight, for the node and for each peer. The other checks wait in FIFO order */
export class CheckLimiter {
  readonly #node = new PQueue({ concurrency: MAX_CHECKS })
  readonly #peers = new Map<string, PQueue>()

  /**
   * Runs a task when its turn comes
   *
   * @throws the error of the task; the signal's reason when the signal aborts first
   */
  async run<T> (peer: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const ofPeer = this.#peers.get(peer) ?? new PQueue({ concurrency: MAX_CHECKS_PER_PEER })
    this.#peers.set(peer, ofPeer)

    try {
      return await ofPeer.add(async () => this.#node.add(task, { signal }), { signal })
    } finally {
      if (ofPeer.size + ofPeer.pending === 0) {
        this.#peers.delete(peer)
      }
    }
  }
}
