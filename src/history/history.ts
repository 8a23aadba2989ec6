import { InvalidParametersError } from '@libp2p/interface'
import { checkName, MAX_NAME } from '../address/check-name.ts'
import { Facts } from '../address/facts.ts'
import { checkOptions } from '../pipeline/check-options.ts'
import { datesOf } from '../pipeline/date-clock.ts'
import { OBJECT } from '../pipeline/option-kinds.ts'
import { isOversized } from '../pipeline/candidate.ts'
import { isFirstHand } from '../pipeline/trust.ts'
import { probabilityWithin, silence } from './statistics.ts'
import { belief } from './belief.ts'
import { dueAnswers, estimateOf, isShort, MAX_VALID, onlineOf } from './estimate.ts'
import { failureOf, isAnswer, isOfCaller } from '../pipeline/failure.ts'
import { bestSource, keysOf, roundTripIn } from './keys.ts'
import { Knowledge } from './knowledge.ts'
import { exportHistory, mergeHistory } from './fleet/share.ts'
import { Networks } from './networks.ts'
import { bytesSign, connectionSign, OutageDetector } from './outage.ts'
import { ResolvedNames } from './resolved-names.ts'
import type { Belief, HistoryInit } from './belief.ts'
import type { Failure } from '../pipeline/failure.ts'
import type { Keys } from './keys.ts'
import type { NetworkSign } from './outage.ts'
import type { Attempted, Recorder, SilentAttempt } from './recorder.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { PlacedSources } from '../pipeline/trust.ts'
import type { AddressReport, Candidate, DialHistory, Estimate, Failures, PathRecord } from '../pipeline/types.ts'
import type { Connection, PeerId } from '@libp2p/interface'

/** Learns from the dials and inbound connections of a node, and estimates the outcome of attempts */
export class History implements DialHistory, Recorder {
  readonly #clock: Clock
  readonly #dates: Pick<Clock, 'now'>
  readonly #belief: Belief
  readonly #names = new ResolvedNames()
  readonly #outage = new OutageDetector()
  /** The knowledge by network, for the store */
  readonly networks: Networks
  /** Returns the sources to which the application gave another trust level */
  trust: () => PlacedSources | undefined = () => undefined
  /** Called after an outage or a change of the network: silent attempts may have been sent before it. `heard`: the peer that has answered, if any */
  onNewNetwork?: (heard?: string) => void

  /** @throws InvalidParametersError for an unknown or wrong option */
  constructor (clock: Clock, init: HistoryInit = {}, dates: Pick<Clock, 'now'> = datesOf(clock)) {
    checkOptions('new History()', init, { belief: OBJECT }, InvalidParametersError)
    this.#clock = clock
    this.#dates = dates
    this.#belief = belief(init.belief)
    this.networks = new Networks((touched, fleet) => new Knowledge(this.#belief, touched, fleet))
  }

  /** Records the end of an attempt. Ignores addresses above 1,024 bytes */
  attempted (attempt: Attempted): void {
    const { candidate, startedAt, firstResponseAt, endedAt, error, isCancelled } = attempt

    if (isOversized(candidate.multiaddr)) {
      return
    }

    const keys = keysOf(candidate, this.trust())
    const elapsed = endedAt - startedAt
    const hasConnected = error == null && !isCancelled
    const isEarly = error != null && isOfCaller(error) && isShort(elapsed, firstResponseAt != null, this.estimate(candidate))
    const failure = error == null || isCancelled || isEarly ? undefined : failureOf(error, elapsed, firstResponseAt != null)

    if (firstResponseAt != null && firstResponseAt > this.#outage.lastSignAt) {
      this.#heard(candidate, firstResponseAt)
    }

    // a handshake that times out began with an answer, but does not end with one
    if (hasConnected || (failure != null && isAnswer(failure) && error?.name !== 'TimeoutError')) {
      this.#heard(candidate, endedAt)
    } else if (firstResponseAt == null) {
      this.#unanswered(candidate, keys, failure, startedAt)
    }

    const roundTrip = roundTripIn(attempt, keys.costs)

    if (hasConnected) {
      this.#names.resolved(candidate, endedAt)
      this.networks.current.succeeded(keys, startedAt, endedAt, roundTrip)
      return
    }

    if (roundTrip != null) {
      this.networks.current.measured(keys, roundTrip)
    }

    if (failure != null && (isAnswer(failure) || failure === 'unreachable')) {
      this.#names.resolved(candidate, endedAt)
    }

    if (failure == null) {
      this.#gaveUp(attempt, keys)
    } else if (failure !== 'unresolved' || this.#names.hasOther(candidate, endedAt)) {
      this.networks.current.failed(keys, failure, startedAt, endedAt)
    }
  }

  /** Records the first response of an attempt, as a sign that the network works */
  answered (candidate: Candidate): void {
    this.#heard(candidate, this.#clock.now())
  }

  /** Records that an open connection has received bytes from another machine */
  received (): void {
    this.#recordSign(bytesSign)
  }

  /** Records a connection to a peer, outbound or inbound */
  connected (peer: PeerId, connection?: Pick<Connection, 'direction' | 'remoteAddr'>): void {
    const name = peer.toString()
    const facts = connection == null ? undefined : new Facts(connection.remoteAddr)

    if (facts?.scope !== 'loopback') {
      this.#recordSign(connection == null ? connectionSign : () => ({
        by: connection.direction === 'outbound' ? 'dial' : 'connection', address: connection.remoteAddr.toString(), host: facts?.host, peer: name
      }))
    }

    if (name.length <= MAX_NAME) {
      this.networks.current.connected(name, this.#clock.now())
    }
  }

  unreachable (peer: PeerId, wereAllTried = true, silent?: readonly SilentAttempt[]): void {
    // silence from before a connection, by another dial or from outside, proves nothing
    const connectedAt = this.networks.current.peers.get(peer.toString())?.connectedAt ?? -Infinity
    const due = silent == null ? undefined : dueAnswers(silent.filter(({ startedAt }) => startedAt > connectedAt), candidate => this.estimate(candidate))
    due?.attempts.forEach(({ candidate, startedAt }) => { this.#unanswered(candidate, keysOf(candidate, this.trust()), 'silent', startedAt) })
    const weight = due == null ? 1 : silence(this.online(peer, due.attempts.flatMap(({ candidate }) => candidate.provenance)), due.share).failure

    if (peer.toString().length <= MAX_NAME && weight > 0) {
      this.networks.current.unreachable(peer.toString(), this.#clock.now(), { mayBeOutage: this.#outage.isSuspected, wereAllTried, weight })
    }
  }

  /**
   * Switches to the history of another network. The former one is kept under its name, or removed without a name. A known name brings its history back
   *
   * @param network the name of the new network. Undefined: unknown
   * @throws InvalidParametersError for a name above 256 characters
   */
  networkChanged (network?: string): void {
    if (network != null) {
      checkName('name of a network', network)
    }

    this.#recordSign(connectionSign)
    // datastores cannot store half of a surrogate pair
    this.networks.change(network?.toWellFormed())
    this.onNewNetwork?.()
  }

  /** Resets the backoff of all addresses, and the blocked paths over UDP and IPv6, because the network may have changed */
  resetFailures (): void {
    this.#recordSign(connectionSign)
    this.networks.current.resetFailures()
    this.onNewNetwork?.()
  }

  /** Returns the own observations of public addresses as text, at most 1 MiB, for `merge()` on other nodes */
  async export (): Promise<string> {
    return exportHistory(this.networks, this.#clock.now(), this.#dates.now())
  }

  /**
   * Merges the text that another node has exported. Merging a text again has no effect, nor has a text of this node. Own observations outweigh all texts.
   * Returns the number of peers with news
   *
   * @throws InvalidParametersError for a text that is not from `export()`
   */
  async merge (text: string): Promise<number> {
    return mergeHistory(this.networks, this.#clock.now(), this.#dates.now(), text)
  }

  estimate (candidate: Candidate): Estimate {
    return estimateOf(keysOf(candidate, this.trust()), this.networks.current, this.#belief, this.#clock, time => this.#isConfirmedSince(time, candidate))
  }

  failures (candidate: Candidate): Failures | undefined {
    const { current } = this.networks
    const address = current.addresses.get(candidate.id)
    const isWrongPeer = address?.isOfWrongPeer(this.#clock.now()) === true
    const isOver = address == null || !current.isFailing(address, candidate.facts.peer) || (isWrongPeer && this.#isConfirmedSince(address.failedAt, candidate))

    return isOver ? undefined : { count: address.failures, at: address.failedAt, isWrongPeer }
  }

  online (peer: PeerId, provenance?: readonly AddressReport[]): number {
    return onlineOf(peer.toString(), provenance == null ? undefined : bestSource(provenance, this.trust()), this.networks.current, this.#belief, this.#clock.now())
  }

  path (kind: 'udp' | 'ip6'): PathRecord {
    return this.networks.current.kinds.get(kind)?.path(this.#clock.now()) ?? { successes: 0, failures: 0, failuresInARow: 0 }
  }

  /** Returns whether a first-hand source has reported an address since a time of the clock, which the dates of reports may be ahead of */
  #isConfirmedSince (time: number, { provenance }: Candidate): boolean {
    const date = time + this.#dates.now() - this.#clock.now()

    return provenance.some(({ source, lastSeen = -Infinity }) => lastSeen > date && isFirstHand(source, this.trust()))
  }

  #heard ({ id, facts }: Candidate, now: number): void {
    if (facts.scope !== 'loopback') {
      this.#recordSign(() => ({ by: 'dial', address: id, host: facts.host, peer: facts.peer }), now)
    }
  }

  /** Records a sign that the network works. If the time before it was an outage, the failures in it are undone */
  #recordSign (sign: () => NetworkSign, now: number = this.#clock.now()): void {
    if (this.#outage.recordSign(sign, now)) {
      this.networks.current.restore()
      this.onNewNetwork?.(sign().peer)
    } else {
      this.networks.current.commit()
    }
  }

  /** Records an attempt without an answer, and saves the records that its failure changes, in case it is part of an outage */
  #unanswered ({ facts }: Candidate, keys: Keys, failure: Failure | undefined, startedAt: number): void {
    // an attempt that began before the last sign was not silent because of an outage
    if (facts.scope === 'loopback' || failure === 'local' || startedAt < this.#outage.lastSignAt) {
      return
    }

    if (failure != null && !isAnswer(failure)) {
      const isProven = (this.networks.current.addresses.get(keys.address)?.outcomes.successes ?? 0) > 0
      this.#outage.recordFailure({ address: keys.address, host: facts.host ?? keys.address, peer: keys.peer, startedAt, isProven })
    }

    this.networks.current.save(keys)
  }

  /** Records a given-up attempt as a part of a failure, by Bayes' rule. After a response, the handshake is overdue beyond twice its usual time */
  #gaveUp ({ candidate, startedAt, firstResponseAt, endedAt, isCancelled }: Attempted, keys: Keys): void {
    const estimate = this.estimate(candidate)
    const elapsed = endedAt - startedAt

    if (firstResponseAt == null) {
      this.networks.current.gaveUp(keys, silence(estimate.valid, probabilityWithin(elapsed, estimate.firstResponse)), startedAt, endedAt)
    } else {
      const overdue = probabilityWithin((endedAt - firstResponseAt) / 2, { mu: Math.log(Math.max(1, estimate.connect - Math.exp(estimate.firstResponse.mu))), sigma: this.#belief.spread })
      this.networks.current.wasHeard(keys, silence(MAX_VALID, overdue).failure, isCancelled && isShort(elapsed, true, estimate), elapsed > estimate.connect ? elapsed : undefined, endedAt)
    }
  }
}
