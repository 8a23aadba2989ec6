import { InvalidParametersError, TimeoutError } from '@libp2p/interface'
import { checkName, MAX_NAME } from '../address/check-name.ts'
import { hostOf } from '../address/network.ts'
import { scopeOf } from '../address/scope.ts'
import { checkOptions } from '../pipeline/check-options.ts'
import { OBJECT } from '../pipeline/option-kinds.ts'
import { isOversized } from '../pipeline/oversized.ts'
import { belief } from './belief.ts'
import { believed, estimateOf, onlineOf } from './estimate.ts'
import { codeOf, failureOf, isAnswer } from './failure.ts'
import { keysOf } from './keys.ts'
import { Knowledge } from './knowledge.ts'
import { probabilityWithin } from './log-mean.ts'
import { Networks } from './networks.ts'
import { OutageDetector } from './outage.ts'
import { ResolvedNames } from './resolved-names.ts'
import type { Belief } from './belief.ts'
import type { Failure } from './failure.ts'
import type { Keys } from './keys.ts'
import type { Sign } from './outage.ts'
import type { Recorder } from './recorder.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Candidate, DialHistory, Estimate, Failures, PathRecord } from '../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

export interface HistoryInit {
  /** What to believe of an address of which nothing is known */
  belief?: Partial<Belief>
}

/** What came of an attempt */
export interface Attempted {
  readonly candidate: Candidate
  readonly startedAt: number
  readonly firstResponseAt?: number
  readonly endedAt: number
  /** Undefined: it connected */
  readonly error?: Error
  /** Nobody wanted it any more: it says only that there was no answer until then */
  readonly isCancelled: boolean
}

interface Known {
  readonly keys: Keys
  readonly unknown: Estimate
}

/** A refusal of these comes after one round trip */
const OVER_TCP = new Set(['tcp', 'ws', 'wss'])

/** What a node has learnt by dialling, and by being dialled */
export class History implements DialHistory, Recorder {
  readonly #clock: Clock
  readonly #belief: Belief
  readonly #known = new WeakMap<Candidate, Known>()
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
    this.networks = new Networks(touched => new Knowledge(this.#belief, touched))
  }

  /** An attempt has ended. Nothing is learnt of an address of more than 1,024 bytes */
  attempted ({ candidate, startedAt, firstResponseAt, endedAt, error, isCancelled }: Attempted): void {
    if (isOversized(candidate.multiaddr)) {
      return
    }

    const { keys } = this.#of(candidate)
    const { roundTrips, overhead, transport } = keys.route
    const elapsed = Math.max(0, endedAt - startedAt)
    const hasConnected = error == null && !isCancelled
    const failure = error == null || isCancelled || this.#isEarly(candidate, error, elapsed, firstResponseAt) ? undefined : failureOf(error, elapsed, firstResponseAt != null)

    if (firstResponseAt != null && firstResponseAt > this.#outage.lastSignAt) {
      this.#heard(keys, firstResponseAt)
    }

    // a handshake that takes too long began with an answer, and ends without one
    if (hasConnected || (failure != null && isAnswer(failure) && error?.name !== 'TimeoutError')) {
      this.#heard(keys, endedAt)
    } else if (firstResponseAt == null) {
      this.#unanswered(keys, failure, startedAt)
    }

    if (firstResponseAt != null) {
      this.#measured(keys, (firstResponseAt - startedAt) / roundTrips.first)
    } else if (hasConnected) {
      this.#measured(keys, (elapsed - overhead) / roundTrips.all)
    } else if (!isCancelled && OVER_TCP.has(transport) && codeOf(error) === 'ECONNREFUSED') {
      this.#measured(keys, elapsed)
    }

    if (hasConnected) {
      this.#resolved(keys, endedAt)
      this.networks.current.succeeded(keys, startedAt, endedAt)
    } else if (failure == null) {
      this.#gaveUp(candidate, keys, firstResponseAt == null ? elapsed : 0, endedAt)
    } else {
      this.#failed(keys, failure, endedAt)
    }
  }

  /** An attempt has had its first response */
  answered (candidate: Candidate): void {
    if (!isOversized(candidate.multiaddr)) {
      this.#heard(this.#of(candidate).keys, this.#clock.now())
    }
  }

  /** Bytes have come on a connection that is open, from another machine */
  received (): void {
    this.#end({ by: 'bytes' })
  }

  /** There is a connection to a peer, whoever began it */
  connected (peer: PeerId, connection?: Pick<Connection, 'direction' | 'remoteAddr'>): void {
    const name = peer.toString()

    if (connection == null) {
      this.#end({ by: 'connection' })
    } else if (scopeOf(connection.remoteAddr) !== 'loopback') {
      const { direction, remoteAddr } = connection
      this.#end({ by: direction === 'outbound' ? 'dial' : 'connection', address: remoteAddr.toString(), host: hostOf(remoteAddr).host, peer: name })
    }

    if (name.length <= MAX_NAME) {
      this.networks.current.connected(name, this.#clock.now())
    }
  }

  /** Every address of a peer was tried and failed */
  unreachable (peer: PeerId): void {
    if (peer.toString().length <= MAX_NAME) {
      if (this.#outage.isSuspected) {
        this.networks.current.savePeer(peer.toString())
      }

      this.networks.current.unreachable(peer.toString(), this.#clock.now())
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

    this.#end({ by: 'connection' })
    this.networks.change(network)
    this.onNewNetwork?.()
  }

  /** The network may be another one: no address is held back for what has failed in it until now, nor are UDP and IPv6 */
  resetFailures (): void {
    this.#end({ by: 'connection' })
    this.networks.current.resetFailures()
    this.onNewNetwork?.()
  }

  estimate (candidate: Candidate): Estimate {
    const { keys, unknown } = this.#of(candidate)

    return estimateOf(keys, this.networks.current, this.#belief, this.#clock) ?? unknown
  }

  failures (candidate: Candidate): Failures | undefined {
    const { keys } = this.#of(candidate)
    const { addresses, peers } = this.networks.current
    const address = addresses.get(keys.address)
    const connections = keys.peer == null ? 0 : peers.get(keys.peer)?.connections ?? 0

    return address == null || address.failures === 0 || address.connections !== connections
      ? undefined
      : { count: address.failures, at: address.failedAt, isWrongPeer: address.failure === 'wrong-peer' }
  }

  online (peer: PeerId): number {
    return onlineOf(peer.toString(), this.networks.current, this.#belief, this.#clock.now())
  }

  path (kind: 'udp' | 'ip6'): PathRecord {
    const record = this.networks.current.kinds.get(kind)

    return record == null
      ? { successes: 0, failures: 0, failuresInARow: 0 }
      : { ...record.evidence.counts(this.#clock.now()), failuresInARow: record.silent.size }
  }

  /** The time of the callers was over, not that of the attempt, and it had not taken longer than others do */
  #isEarly (candidate: Candidate, error: Error, elapsed: number, firstResponseAt?: number): boolean {
    if (error.name !== 'TimeoutError' || error instanceof TimeoutError) {
      return false
    }

    const { firstResponse: { mu, sigma }, connect } = this.estimate(candidate)

    return elapsed < (firstResponseAt == null ? Math.exp(mu + 2 * sigma) : 2 * connect)
  }

  #heard ({ address, host, peer, isLocal }: Keys, now: number): void {
    if (!isLocal) {
      this.#end({ by: 'dial', address, host, peer }, now)
    }
  }

  /** A stretch without a network has ended, or there was none */
  #end (sign: Sign, now: number = this.#clock.now()): void {
    if (this.#outage.end(sign, now)) {
      this.networks.current.restore()
      this.onNewNetwork?.(sign.peer)
    } else {
      this.networks.current.commit()
    }
  }

  /** Remembers an attempt without an answer, and saves the records that its failure changes, for the end of an outage */
  #unanswered (keys: Keys, failure: Failure | undefined, startedAt: number): void {
    // one that began before the last sign was silent for another reason than an outage
    if (keys.isLocal || failure === 'local' || startedAt < this.#outage.lastSignAt) {
      return
    }

    if (failure != null && !isAnswer(failure)) {
      const isProven = (this.networks.current.addresses.get(keys.address)?.evidence.successes ?? 0) > 0
      this.#outage.failed({ address: keys.address, host: keys.host ?? keys.address, peer: keys.peer, startedAt, isProven })
    }

    this.networks.current.save(keys)
  }

  #failed (keys: Keys, failure: Failure, now: number): void {
    if (isAnswer(failure) || failure === 'unreachable') {
      this.#resolved(keys, now)
    }

    if (failure !== 'unresolved' || this.#names.hasOther(keys.name, now)) {
      this.networks.current.failed(keys, failure, now)
    }
  }

  #resolved ({ name }: Keys, now: number): void {
    if (name != null) {
      this.#names.resolved(name, now)
    }
  }

  /** The longer it was silent, the likelier it is that it would have stayed so */
  #gaveUp (candidate: Candidate, keys: Keys, silence: number, now: number): void {
    const { success, firstResponse } = this.estimate(candidate)
    const part = success * probabilityWithin(silence, firstResponse)

    if (part > 0) {
      this.networks.current.gaveUp(keys, part, now)
    }
  }

  #measured (keys: Keys, roundTrip: number): void {
    if (Number.isFinite(roundTrip)) {
      this.networks.current.measured(keys, roundTrip)
    }
  }

  #of (candidate: Candidate): Known {
    let known = this.#known.get(candidate)

    if (known == null) {
      const keys = keysOf(candidate)
      known = { keys, unknown: believed(keys, this.#belief) }
      this.#known.set(candidate, known)
    }

    return known
  }
}
