import { candidate } from '../pipeline/candidate.ts'
import type { Flight } from './flight.ts'
import type { DialConvergence } from '../pipeline/convergence.ts'
import type { RaceDial } from '../pipeline/runtime/stage-dial.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

/** The connections to the peer of a race that the race has not made: another dial, the peer itself, or WebRTC for its own use has */
export class OthersConnections {
  readonly #dial: RaceDial
  /** Those that were open before the race */
  readonly #before: readonly Connection[]

  constructor (dial: RaceDial) {
    this.#dial = dial
    this.#before = this.#open
  }

  /** Returns one that may be the answer of the race */
  findAnswer (candidates: readonly Candidate[], flights: Iterable<Flight>): Connection | undefined {
    return this.#open.find(one => one.limits == null ? this.#isOfPeer(one) : this.#isAllowed(one, candidates, flights))
  }

  /** Whether a connection to the peer of the given one is open than which none is better */
  haveBest (given: Connection | undefined, convergence: DialConvergence): boolean {
    return given != null && this.#dial.node.connectionManager.getConnections(given.remotePeer).some(one => one.status === 'open' && convergence.isBest(one))
  }

  get #open (): Connection[] {
    const { target: { peerId }, options: { force } } = this.#dial

    return peerId == null || force === true ? [] : this.#dial.node.connectionManager.getConnections(peerId).filter(({ status }) => status === 'open')
  }

  /** The peer itself has opened it during the race, and not over a relay */
  #isOfPeer (connection: Connection): boolean {
    return connection.direction === 'inbound' && connection.direct && !this.#before.includes(connection) && this.#dial.mayAnswer(connection)
  }

  /** A limited connection that another dial makes meanwhile is no answer where the filters of this one have dropped its address */
  #isAllowed (connection: Connection, candidates: readonly Candidate[], flights: Iterable<Flight>): boolean {
    const { id } = candidate(connection.remoteAddr, connection.remotePeer)

    // it is on its way to the race, which would close it as one that has lost
    if ([...flights].some(one => one.candidate.id === id)) {
      return false
    }

    return ((connection.direction === 'inbound' || this.#before.includes(connection)) && this.#dial.mayAnswer(connection)) || candidates.some(one => one.id.replace('/p2p-circuit/webrtc', '/p2p-circuit') === id)
  }
}
