import { answerTime } from '../pipeline/dial-components.ts'
import type { Flight } from './flight.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds that a connection is kept for a better one, at the most */
const KEPT = 5_000

/** Milliseconds after which an attempt that says nothing any more is not waited for, where more is not expected of its address */
const SILENT = 1_000

/** The same of an attempt whose transport says nothing until it has connected */
const MUTE = 5_000

/**
 * A connection that is the answer of a race unless a better one comes:
 *
 * - A limited one. A relay ends it after some data or time, and streams are opened on it only for callers who ask for that.
 * - One that the peer itself has opened during the race. The race starts nothing more, and cancels no attempt that may connect: if
 *   both ends cancelled theirs, neither would be connected.
 */
export class ProvisionalAnswer {
  readonly connection: Connection
  readonly #dial: RaceDial
  readonly #keptAt: number

  constructor (connection: Connection, dial: RaceDial) {
    this.connection = connection
    this.#dial = dial
    this.#keptAt = dial.clock.now()
    dial.keep(connection)
  }

  /** The peer itself has opened it */
  get isOfPeer (): boolean {
    return this.connection.limits == null
  }

  /** Whether an attempt may start: a second relayed connection is no better than the first */
  mayStart ({ facts }: Candidate): boolean {
    return !facts.isRelayed && !this.isOfPeer
  }

  /** When it is the answer: nothing better is untried, or looked for, or in flight and not yet silent */
  dueAt (untried: readonly Candidate[], flights: Iterable<Flight>, isComplete: boolean): number {
    const { isOfPeer } = this

    if (this.#dial.options.runOnLimitedConnection === true && !isOfPeer) {
      return -Infinity
    }

    const latest = this.#keptAt + KEPT
    const better = [...flights].filter(({ candidate }) => isOfPeer || !candidate.facts.isRelayed)

    return !isOfPeer && (!isComplete || untried.some(({ facts }) => !facts.isRelayed))
      ? latest
      : better.reduce((due, flight) => Math.min(latest, Math.max(due, this.#silentAt(flight))), -Infinity)
  }

  /** Infinity: it has not started */
  #silentAt ({ candidate, startedAt, markedAt }: Flight): number {
    if (markedAt == null && candidate.facts.isMute) {
      return (startedAt ?? Infinity) + MUTE
    }

    return (markedAt ?? startedAt ?? Infinity) + Math.max(SILENT, answerTime(this.#dial.node.history.estimate(candidate)))
  }
}
