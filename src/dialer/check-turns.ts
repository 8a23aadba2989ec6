import { settledOrAborted } from '../pipeline/foreign-promises.ts'
import { Schedule } from './attempts/schedule.ts'

/** How many checks run at once on a node. A libp2p node lets one host open 5 connections a second, which is 30 in the 6 s of a check */
const MAX_CHECKS = 64

/** One peer may have a few connections on their way, and does not take the turns of others */
const MAX_CHECKS_PER_PEER = 4

interface Turn {
  readonly priority: number
  readonly start: () => void
}

/** Bounds the checks that run at once. The others wait, in the order in which they came */
export class CheckTurns {
  readonly #node = new Schedule<Turn>(MAX_CHECKS, turn => { turn.start() })
  readonly #peers = new Map<string, Schedule<Turn>>()

  /**
   * Runs a task when it is its turn
   *
   * @throws what the task throws; the signal's reason when that aborts before
   */
  async run<T> (peer: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const turn: Turn = { priority: 0, start: resolve }
    const ofPeer = this.#peers.get(peer) ?? new Schedule<Turn>(MAX_CHECKS_PER_PEER, turn => { this.#node.add(turn) })
    this.#peers.set(peer, ofPeer)
    ofPeer.add(turn)

    try {
      await settledOrAborted(promise, signal)

      return await settledOrAborted(task(), signal)
    } finally {
      this.#node.delete(turn)
      ofPeer.delete(turn)

      if (ofPeer.isEmpty) {
        this.#peers.delete(peer)
      }
    }
  }
}
