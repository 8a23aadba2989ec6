import { candidate } from '../pipeline/candidate.ts'
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
  readonly #dial: RaceDial
  /** The connections that were open before the race */
  readonly #before: readonly Connection[]
  #kept?: Connection
  #keptAt = 0

  constructor (dial: RaceDial) {
    this.#dial = dial
    this.#before = this.#open
  }

  /** Undefined when there is none, or it has closed */
  get connection (): Connection | undefined {
    return this.#kept?.status === 'open' ? this.#kept : undefined
  }

  /** Whether the peer itself has opened the connection */
  get isOfPeer (): boolean {
    return this.#kept?.limits == null
  }

  /** Keeps the first of several connections */
  keep (connection: Connection): void {
    if (this.connection != null) {
      this.#dial.discard(connection)
      return
    }

    this.#kept = connection
    this.#keptAt = this.#dial.clock.now()
    this.#dial.part.memory.keepProvisional(connection)
  }

  /** Looks for a connection that comes from elsewhere: from another dial, the peer itself, or the signalling of WebRTC */
  look (candidates: readonly Candidate[], flights: Iterable<Flight>): void {
    const found = this.connection == null ? this.#open.find(one => one.limits == null ? this.#isByPeer(one) : this.#isAllowed(one, candidates, flights)) : undefined

    if (found != null) {
      this.keep(found)
    }
  }

  /** Returns whether an attempt may start. Another relayed connection would be no better */
  mayStart ({ facts }: Candidate): boolean {
    return this.connection == null || (!facts.isRelayed && !this.isOfPeer)
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

  get #open (): Connection[] {
    const { target: { peerId }, options: { force } } = this.#dial

    return peerId == null || force === true ? [] : this.#dial.node.connectionManager.getConnections(peerId).filter(({ status }) => status === 'open')
  }

  #mayAnswer (connection: Connection): boolean {
    return this.#dial.part.host.mayAnswer?.(connection) !== false
  }

  /** Returns whether the peer itself has opened a connection during the race, and not over a relay */
  #isByPeer (connection: Connection): boolean {
    return connection.direction === 'inbound' && connection.direct && !this.#before.includes(connection) && this.#mayAnswer(connection)
  }

  /** Returns whether a limited connection may answer. One of another dial may not if the filters of this dial dropped its address */
  #isAllowed (connection: Connection, candidates: readonly Candidate[], flights: Iterable<Flight>): boolean {
    const { id } = candidate(connection.remoteAddr, connection.remotePeer)

    // an attempt in flight passes its own connection to the race, which would discard it as the loser
    if ([...flights].some(one => one.candidate.id === id)) {
      return false
    }

    return ((connection.direction === 'inbound' || this.#before.includes(connection)) && this.#mayAnswer(connection)) || candidates.some(one => one.id.replace('/p2p-circuit/webrtc', '/p2p-circuit') === id)
  }

  /** Infinity: the attempt has not started */
  #silentAt ({ candidate, startedAt, markedAt }: Flight): number {
    if (markedAt == null && candidate.facts.isMute) {
      return (startedAt ?? Infinity) + MUTE
    }

    return (markedAt ?? startedAt ?? Infinity) + Math.max(SILENT, answerTime(this.#dial.node.history.estimate(candidate)))
  }
}
