import { InvalidParametersError } from '@libp2p/interface'
import { checkName, MAX_NAME } from '../address/check-name.ts'
import { Facts } from '../address/facts.ts'
import { checkOptions } from '../pipeline/check-options.ts'
import { OBJECT } from '../pipeline/option-kinds.ts'
import { isOversized } from '../pipeline/candidate.ts'
import { probabilityWithin } from './averages.ts'
import { belief } from './belief.ts'
import { estimateOf, isShort, MAX_VALID, onlineOf, UnknownEstimates } from './estimate.ts'
import { failureOf, isAnswer, isOfCaller, ResolvedNames } from './failure.ts'
import { bestSource, keysOf, roundTripIn } from './keys.ts'
import { Knowledge } from './knowledge.ts'
import { exportHistory, mergeHistory } from './fleet/share.ts'
import { Networks } from './networks.ts'
import { OutageDetector } from './outage.ts'
import { silence } from './silence.ts'
import type { Belief, HistoryInit } from './belief.ts'
import type { Failure } from './failure.ts'
import type { ExportOptions, MergeOptions } from './fleet/options.ts'
import type { Keys } from './keys.ts'
import type { Sign } from './outage.ts'
import type { Attempted, Recorder } from './recorder.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Attestation, Candidate, DialHistory, Estimate, Failures, PathRecord } from '../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

const BYTES = (): Sign => ({ by: 'bytes' })
const CONNECTION = (): Sign => ({ by: 'connection' })

/** What a node has learnt by dialling, and by being dialled */
export class History implements DialHistory, Recorder {
  readonly #clock: Clock
  readonly #belief: Belief
  readonly #unknown: UnknownEstimates
  readonly #names = new ResolvedNames()
  readonly #outage = new OutageDetector()
  /** For whoever keeps it */
  readonly networks: Networks
  /** Called when attempts that are silent may have been sent into a network that is gone; with the peer that has answered */
  onNewNetwork?: (heard?: string) => void

  /** @throws InvalidParametersError for an unknown or wrong option */
  constructor (clock: Clock, init: HistoryInit = {}) {
    checkOptions('new History()', init, { belief: OBJECT }, InvalidParametersError)
    this.#clock = clock
    this.#belief = belief(init.belief)
    this.#unknown = new UnknownEstimates(this.#belief)
    this.networks = new Networks(touched => new Knowledge(this.#belief, touched))
  }

  /** An attempt has ended. Nothing is learnt of an address of more than 1,024 bytes */
  attempted (attempt: Attempted): void {
    const { candidate, startedAt, firstResponseAt, endedAt, error, isCancelled } = attempt

    if (isOversized(candidate.multiaddr)) {
      return
    }

    const keys = keysOf(candidate)
    const elapsed = endedAt - startedAt
    const hasConnected = error == null && !isCancelled
    const isEarly = error != null && isOfCaller(error) && isShort(elapsed, firstResponseAt != null, this.estimate(candidate))
    const failure = error == null || isCancelled || isEarly ? undefined : failureOf(error, elapsed, firstResponseAt != null)

    if (firstResponseAt != null && firstResponseAt > this.#outage.lastSignAt) {
      this.#heard(candidate, firstResponseAt)
    }

    // a handshake that takes too long began with an answer, and ends without one
    if (hasConnected || (failure != null && isAnswer(failure) && error?.name !== 'TimeoutError')) {
      this.#heard(candidate, endedAt)
    } else if (firstResponseAt == null) {
      this.#unanswered(candidate, keys, failure, startedAt)
    }

    const roundTrip = roundTripIn(attempt, keys.route)

    if (hasConnected) {
      this.#names.resolved(candidate, endedAt)
      this.networks.current.succeeded(keys, startedAt, endedAt, roundTrip)
      return
    }

    if (roundTrip != null) {
      this.networks.current.measured(keys, roundTrip)
    }

    if (failure == null) {
      this.#gaveUp(attempt, keys)
    } else {
      this.#failed(attempt, keys, failure)
    }
  }

  /** An attempt has had its first response */
  answered (candidate: Candidate): void {
    if (!isOversized(candidate.multiaddr)) {
      this.#heard(candidate, this.#clock.now())
    }
  }

  /** Bytes have come on a connection that is open, from another machine */
  received (): void {
    this.#end(BYTES)
  }

  /** There is a connection to a peer, whoever began it */
  connected (peer: PeerId, connection?: Pick<Connection, 'direction' | 'remoteAddr'>): void {
    const name = peer.toString()
    const facts = connection == null ? undefined : new Facts(connection.remoteAddr)

    if (facts?.scope !== 'loopback') {
      this.#end(connection == null ? CONNECTION : () => ({
        by: connection.direction === 'outbound' ? 'dial' : 'connection', address: connection.remoteAddr.toString(), host: facts?.host, peer: name
      }))
    }

    if (name.length <= MAX_NAME) {
      this.networks.current.connected(name, this.#clock.now())
    }
  }

  /** Every address of a peer was tried and failed */
  unreachable (peer: PeerId): void {
    if (peer.toString().length <= MAX_NAME) {
      this.networks.current.unreachable(peer.toString(), this.#clock.now(), this.#outage.isSuspected)
    }
  }

  /**
   * The node is in another network now, or cannot tell. What was learnt in the one before is put aside, or forgotten where
   * that has no name; what was learnt earlier in the network of this name is there again
   *
   * @throws InvalidParametersError for a name of more than 256 characters
   */
  networkChanged (network?: string): void {
    if (network != null) {
      checkName('name of a network', network)
    }

    this.#end(CONNECTION)
    // a datastore keeps no half of a surrogate pair
    this.networks.change(network?.toWellFormed())
    this.onNewNetwork?.()
  }

  /** The network may be another one: no address is held back for what has failed in it until now, nor are UDP and IPv6 */
  resetFailures (): void {
    this.#end(CONNECTION)
    this.networks.current.resetFailures()
    this.onNewNetwork?.()
  }

  /**
   * Returns what this node has learnt by its own dials of public addresses, as text of 1 MiB at most for the `merge()` of other nodes
   *
   * @throws InvalidParametersError for an unknown or wrong option
   */
  async export (options: ExportOptions = {}): Promise<string> {
    return exportHistory(this.networks, this.#clock.now(), options)
  }

  /**
   * Takes what another node has exported. A text that was merged before, and one of this node, change nothing. Own observations
   * outweigh whatever the texts say. Returns of how many peers there are news
   *
   * @throws InvalidParametersError for a text that `export()` has not returned, and for an unknown or wrong option
   */
  async merge (text: string, options: MergeOptions = {}): Promise<number> {
    return mergeHistory(this.networks, this.#clock.now(), text, options)
  }

  estimate (candidate: Candidate): Estimate {
    const keys = keysOf(candidate)

    return estimateOf(keys, this.networks.current, this.#belief, this.#clock) ?? this.#unknown.of(keys.route)
  }

  failures ({ id, facts: { peer } }: Candidate): Failures | undefined {
    const { addresses, peers } = this.networks.current
    const address = addresses.get(id)
    const connections = peer == null ? 0 : peers.get(peer)?.connections ?? 0

    return address == null || address.failures === 0 || address.connections !== connections
      ? undefined
      : { count: address.failures, at: address.failedAt, isWrongPeer: address.failure === 'wrong-peer' }
  }

  online (peer: PeerId, provenance?: readonly Attestation[]): number {
    return onlineOf(peer.toString(), provenance == null ? undefined : bestSource(provenance), this.networks.current, this.#belief, this.#clock.now())
  }

  path (kind: 'udp' | 'ip6'): PathRecord {
    return this.networks.current.kinds.get(kind)?.path(this.#clock.now()) ?? { successes: 0, failures: 0, failuresInARow: 0 }
  }

  #heard ({ id, facts }: Candidate, now: number): void {
    if (facts.scope !== 'loopback') {
      this.#end(() => ({ by: 'dial', address: id, host: facts.host, peer: facts.peer }), now)
    }
  }

  /** A stretch without a network has ended, or there was none */
  #end (sign: () => Sign, now: number = this.#clock.now()): void {
    if (this.#outage.end(sign, now)) {
      this.networks.current.restore()
      this.onNewNetwork?.(sign().peer)
    } else {
      this.networks.current.commit()
    }
  }

  /** Remembers an attempt without an answer, and saves the records that its failure changes, for the end of an outage */
  #unanswered ({ facts }: Candidate, keys: Keys, failure: Failure | undefined, startedAt: number): void {
    // one that began before the last sign was silent for another reason than an outage
    if (facts.scope === 'loopback' || failure === 'local' || startedAt < this.#outage.lastSignAt) {
      return
    }

    if (failure != null && !isAnswer(failure)) {
      const isProven = (this.networks.current.addresses.get(keys.address)?.outcomes.successes ?? 0) > 0
      this.#outage.failed({ address: keys.address, host: facts.host ?? keys.address, peer: keys.peer, startedAt, isProven })
    }

    this.networks.current.save(keys)
  }

  #failed ({ candidate, startedAt, endedAt }: Attempted, keys: Keys, failure: Failure): void {
    if (isAnswer(failure) || failure === 'unreachable') {
      this.#names.resolved(candidate, endedAt)
    }

    if (failure !== 'unresolved' || this.#names.hasOther(candidate, endedAt)) {
      this.networks.current.failed(keys, failure, startedAt, endedAt)
    }
  }

  /** What Bayes makes of the silence of one that nobody waits for any more. One that was heard of goes on nearly always: its handshake counts as overdue against twice its usual time */
  #gaveUp ({ candidate, startedAt, firstResponseAt, endedAt, isCancelled }: Attempted, keys: Keys): void {
    const estimate = this.estimate(candidate)
    const elapsed = endedAt - startedAt

    if (firstResponseAt == null) {
      this.networks.current.gaveUp(keys, silence(estimate.valid, probabilityWithin(elapsed, estimate.firstResponse)), startedAt, endedAt)
    } else {
      const overdue = probabilityWithin((endedAt - firstResponseAt) / 2, { mu: Math.log(Math.max(1, estimate.connect - Math.exp(estimate.firstResponse.mu))), sigma: this.#belief.spread })
      this.networks.current.wasHeard(keys, silence(MAX_VALID, overdue).failure, isCancelled && isShort(elapsed, true, estimate), endedAt)
    }
  }
}
