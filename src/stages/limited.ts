import { candidate } from '../pipeline/candidate.ts'
import { answerTime } from '../pipeline/dial-components.ts'
import type { Flight } from './flight.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds that a limited connection is kept for a better one, at the most */
const KEPT = 5_000

/** Milliseconds after which an attempt that says nothing any more is not waited for, where more is not expected of its address */
const SILENT = 1_000

/** The same of an attempt whose transport says nothing until it has connected */
const MUTE = 5_000

/**
 * What a race does with a connection that it has not won. A limited one is ended by a relay after some data or time, and streams are not opened
 * on it unless a caller asks for it: a caller who has not is given it where nothing better comes. One that the peer itself has opened during the
 * race ends it, but cancels no attempt that may connect: where both sides did that, neither would be connected.
 */
export class Limited {
  readonly #dial: RaceDial
  /** Those that were open before the race */
  readonly #before: readonly Connection[]
  #kept?: Connection
  #keptAt = 0

  constructor (dial: RaceDial) {
    this.#dial = dial
    this.#before = this.#open()
  }

  /** The one that is the answer where nothing better comes */
  get kept (): Connection | undefined {
    return this.#kept?.status === 'open' ? this.#kept : undefined
  }

  /** The one that is kept is as good as any */
  get hasPeers (): boolean {
    return this.kept != null && this.kept.limits == null
  }

  /** Whether the caller waits for something better than this connection */
  isUnwanted ({ limits }: Connection): boolean {
    return limits != null && this.#dial.options.runOnLimitedConnection !== true
  }

  /** It is the answer where nothing better comes; of two the first */
  keep (connection: Connection): void {
    if (this.kept != null) {
      this.#dial.discard(connection)
      return
    }

    this.#kept = connection
    this.#keptAt = this.#dial.clock.now()
    this.#dial.keep(connection)
  }

  /** Another dial, the peer itself, or WebRTC for its own use may have made one. Asked once for each look at the list */
  lookAround (candidates: readonly Candidate[], flights: Iterable<Flight>): void {
    const there = this.kept == null ? this.#open().find(one => this.#isAllowed(one, candidates, flights)) : undefined

    if (there != null) {
      this.keep(there)
    }
  }

  #open (): Connection[] {
    const { target: { peerId }, options: { force } } = this.#dial

    return peerId == null || force === true ? [] : this.#dial.node.connectionManager.getConnections(peerId).filter(({ status }) => status === 'open')
  }

  /** What another dial makes meanwhile is no answer where the filters of this one have dropped its address */
  #isAllowed (connection: Connection, candidates: readonly Candidate[], flights: Iterable<Flight>): boolean {
    if (connection.limits == null) {
      return isPeers(connection) && !this.#before.includes(connection) && this.#dial.mayAnswer(connection)
    }

    const { id } = candidate(connection.remoteAddr, connection.remotePeer)

    // it is on its way to the race, which would close it as one that has lost
    if ([...flights].some(one => one.candidate.id === id)) {
      return false
    }

    return ((connection.direction === 'inbound' || this.#before.includes(connection)) && this.#dial.mayAnswer(connection)) || candidates.some(one => one.id.replace('/p2p-circuit/webrtc', '/p2p-circuit') === id)
  }

  /** Whether an attempt may start: a second relayed connection is no better than the first */
  mayStart ({ facts }: Candidate, flights: Iterable<Flight>): boolean {
    if (facts.isRelayed || this.hasPeers) {
      return this.kept == null
    }

    return facts.transport !== 'webrtc' || [...flights].every(({ candidate, hasRelay }) => hasRelay || candidate.facts.transport !== 'webrtc')
  }

  /** When the kept one is the answer: nothing better is untried, or looked for, or in flight and not yet silent */
  dueAt (untried: readonly Candidate[], flights: Iterable<Flight>, isComplete: boolean): number {
    const { hasPeers } = this

    if (this.#dial.options.runOnLimitedConnection === true && !hasPeers) {
      return -Infinity
    }

    const latest = this.#keptAt + KEPT
    const better = [...flights].filter(({ candidate }) => hasPeers || !candidate.facts.isRelayed)

    return !hasPeers && (!isComplete || untried.some(({ facts }) => !facts.isRelayed))
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

/** The peer itself has opened it, and not over a relay */
function isPeers ({ direction, direct }: Connection): boolean {
  return direction === 'inbound' && direct
}
