import { answerTime } from '../pipeline/dial-components.ts'
import type { Flight } from './flight.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The maximum number of milliseconds for which a connection is kept */
const KEPT = 5_000

/** Milliseconds after which a silent attempt is not waited for, at least: its estimate may be longer */
const SILENT = 1_000

/** Milliseconds after which an attempt is not waited for whose transport reports nothing before it has connected */
const MUTE = 5_000

/**
 * A connection that answers the race unless a better one is established:
 *
 * - A limited one. A relay ends it after some data or time, and only callers who ask for that get streams on it.
 * - One that the peer itself has opened during the race. The race then starts no attempt, and cancels none that may connect: if both ends
 *   cancelled theirs, they would not be connected.
 */
export class ProvisionalAnswer {
  readonly connection: Connection
  readonly #dial: RaceDial
  readonly #keptAt: number

  constructor (connection: Connection, dial: RaceDial) {
    this.connection = connection
    this.#dial = dial
    this.#keptAt = dial.clock.now()
    dial.part.memory.keepProvisional(connection)
  }

  /** Whether the peer itself has opened the connection */
  get isOfPeer (): boolean {
    return this.connection.limits == null
  }

  /** Returns whether an attempt may start. Another relayed connection would be no better */
  mayStart ({ facts }: Candidate): boolean {
    return !facts.isRelayed && !this.isOfPeer
  }

  /** Returns when the connection answers the race: when no better one is untried, searched for, or in flight and not yet silent */
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

  /** Infinity: the attempt has not started */
  #silentAt ({ candidate, startedAt, markedAt }: Flight): number {
    if (markedAt == null && candidate.facts.isMute) {
      return (startedAt ?? Infinity) + MUTE
    }

    return (markedAt ?? startedAt ?? Infinity) + Math.max(SILENT, answerTime(this.#dial.node.history.estimate(candidate)))
  }
}
