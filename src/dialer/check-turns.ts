import PQueue from 'p-queue'

/** How many checks run at once on a node. A libp2p node lets one host open 5 connections a second, which is 30 in the 6 s of a check */
const MAX_CHECKS = 64

/** One peer may have a few connections on their way, and does not take the turns of others */
const MAX_CHECKS_PER_PEER = 4

/** Bounds the checks that run at once. The others wait, in the order in which they came */
export class CheckTurns {
  readonly #node = new PQueue({ concurrency: MAX_CHECKS })
  readonly #peers = new Map<string, PQueue>()

  /**
   * Runs a task when it is its turn
   *
   * @throws what the task throws; the signal's reason when that aborts before
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
