import { candidate } from '../pipeline/candidate.ts'
import type { Flight } from './flight.ts'
import type { DialConvergence } from '../pipeline/convergence.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The connections to the peer of a race that come from elsewhere: another dial, the peer itself, or the signalling of WebRTC */
export class OthersConnections {
  readonly #dial: RaceDial
  /** The connections that were open before the race */
  readonly #before: readonly Connection[]

  constructor (dial: RaceDial) {
    this.#dial = dial
    this.#before = this.#open
  }

  /** Returns a connection that may answer the race */
  findAnswer (candidates: readonly Candidate[], flights: Iterable<Flight>): Connection | undefined {
    return this.#open.find(one => one.limits == null ? this.#isOfPeer(one) : this.#isAllowed(one, candidates, flights))
  }

  /** Returns whether the peer of a connection has an open connection that none can improve */
  hasBest (given: Connection | undefined, convergence: DialConvergence): boolean {
    return given != null && this.#dial.node.connectionManager.getConnections(given.remotePeer).some(one => one.status === 'open' && convergence.isBest(one))
  }

  get #open (): Connection[] {
    const { target: { peerId }, options: { force } } = this.#dial

    return peerId == null || force === true ? [] : this.#dial.node.connectionManager.getConnections(peerId).filter(({ status }) => status === 'open')
  }

  #mayAnswer (connection: Connection): boolean {
    return this.#dial.part.host.mayAnswer?.(connection) !== false
  }

  /** Returns whether the peer itself has opened a connection during the race, and not over a relay */
  #isOfPeer (connection: Connection): boolean {
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
}
