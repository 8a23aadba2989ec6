import { LogMean } from './statistics.ts'
import { isAnswer } from '../pipeline/failure.ts'
import { FleetEvidence } from './fleet/fleet-evidence.ts'
import { KindRecord } from './records.ts'
import { RecordTables, propagate } from './record-tables.ts'
import { Snapshots } from './snapshots.ts'
import { hostOf, UnexplainedFailures } from './unexplained.ts'
import type { Silence } from './statistics.ts'
import type { CandidateRecords } from './record-tables.ts'
import type { Level, RecordsByLevel } from './records.ts'
import type { Belief } from './belief.ts'
import type { Failure } from '../pipeline/failure.ts'
import type { Keys } from './keys.ts'

/** The number of a network's round trips that are averaged with equal weight, and the part of a success that a first response counts as */
const [MANY, HEARD] = [31, 0.9]

export class Knowledge extends RecordTables {
  readonly fleet: FleetEvidence
  readonly #belief: Belief
  /** The variance of the round-trip times of one address or site. Its deviation is a quarter of `spread`: as much as heavy jitter causes */
  readonly #ownVariance: number
  #unexplained = new UnexplainedFailures()
  #snapshots?: Snapshots

  /** @param fleet the observations of other members of the fleet, which are the same in all networks */
  constructor (belief: Belief, touched: (level: Level, key: string) => void, fleet = new FleetEvidence()) {
    super(touched)
    this.fleet = fleet
    this.#belief = belief
    this.#ownVariance = (belief.spread / 4) ** 2
  }

  /** Saves the records under these keys, so that `restore()` can undo what failures change */
  save (keys: Partial<Keys>): void {
    this.#snapshots ??= new Snapshots(this)
    this.#snapshots.save(keys)
  }

  /** Drops the saved records: the changes so far are final */
  commit (): void {
    this.#snapshots = undefined
  }

  /** Returns a record without the changes that `restore()` would undo */
  confirmed<L extends Level>(level: L, key: string): RecordsByLevel[L] | undefined {
    return (this.#snapshots ?? new Snapshots(this)).get(level, key)
  }

  restore (): void {
    this.#snapshots?.restore(this.touched)
    this.#snapshots = undefined
    this.#unexplained = new UnexplainedFailures()
  }

  /** Resets the failures in a row of addresses and path kinds. A wrong-peer failure stays */
  resetFailures (): void {
    for (const [key, record] of this.addresses) {
      if (record.failures > 0 && record.failure !== 'wrong-peer') {
        record.failures = 0
        this.touched('addresses', key)
      }
    }

    for (const [kind] of [...this.kinds]) {
      this.kinds.set(kind, new KindRecord())
      this.touched('kinds', kind)
    }
  }

  connected (peer: string, now: number): void {
    const record = this.renew('peers', peer)
    // a restore() must not undo the connection: a connection within this machine does not end a suspected outage
    this.#snapshots?.delete('peers', peer)
    // a connection disproves all evidence that the peer is offline
    record.online.failures = 0
    record.online.add(1, 0, now)
    record.connections++
    record.connectedAt = now
    // the peer is online, so the failures were those of its addresses
    this.#unexplained.take(peer, now).forEach(({ keys, weight }) => { this.#propagateFailure(this.make(keys), keys, weight, now) })
  }

  /**
   * Records that no attempt of a dial had an answer: probably the peer is offline, and no address is to blame
   *
   * @param mayBeOutage whether this machine may be the cause: the records are saved before
   * @param wereAllTried whether the dial has left out no address. If it has, the left-out one may be good, and the failures of the others stay
   * @param weight the part of a failure that the dial counts as, 0 to 1
   */
  unreachable (peer: string, now: number, { mayBeOutage, wereAllTried, weight = 1 }: { mayBeOutage: boolean, wereAllTried: boolean, weight?: number }): void {
    const failures = this.#unexplained.take(peer, now)
    const sources = [...new Set(failures.map(({ keys }) => keys.source))]

    if (mayBeOutage) {
      this.save({ peer })
      failures.forEach(({ keys: { address, source } }) => { this.save({ address, source }) })
    }

    const record = this.renew('peers', peer)
    // the peer may be gone, so its past counts less than the present
    record.online.successes *= 1 - weight / 2
    record.online.add(0, weight, now)
    this.propagateToSources(sources, record, 'failures', now, weight)

    if (wereAllTried) {
      failures.forEach(one => { this.renew('addresses', one.keys.address).outcomes.add(0, -weight * one.weight, now) })
    }
  }

  /** Records a successful attempt. @param roundTrip the measured round-trip time in milliseconds, if any */
  succeeded (keys: Keys, startedAt: number, now: number, roundTrip?: number): void {
    const records = this.make(keys)
    const { address, peer } = records

    if (roundTrip != null) {
      this.measured(keys, roundTrip, records)
    }

    address.outcomes.add(1, 0, now)
    address.failures = 0
    address.failure = undefined
    address.connect = this.#added(address.connect, now - startedAt)
    propagate(records, keys, address.propagated.raiseTo('successes', 1, now), 0, now)
    this.#forKinds(keys, 'answered', now)
    this.#hostAnswered(keys, now)

    if (peer != null) {
      this.propagateToSources([keys.source], peer, 'successes', now)
    }

    // the connection of this attempt tells that the peer is online, unless the node has reported the connection already
    if (peer != null && keys.peer != null && peer.connectedAt < startedAt) {
      this.connected(keys.peer, now)
    } else if (peer != null) {
      peer.connections++
    }
  }

  failed (keys: Keys, failure: Failure, startedAt: number, now: number): void {
    if (failure === 'local') {
      return
    }

    if (isAnswer(failure)) {
      this.#forKinds(keys, 'answered', now)
      this.#hostAnswered(keys, now)
    } else if (failure === 'silent' || failure === 'unreachable') {
      this.#forKinds(keys, 'failed', now)
    }

    if (failure === 'unreachable') {
      this.renew('classes', keys.pathClass).outcomes.add(0, 1, now)
      return
    }

    // an answer of another peer says nothing about the path
    const records = failure === 'wrong-peer' ? undefined : this.make(keys)
    const address = records?.address ?? this.renew('addresses', keys.address)
    const connections = this.connectionsTo(keys.peer)
    address.outcomes.add(0, 1, now)
    const isFurther = address.connections === connections
    address.failures = isFurther ? address.failures + 1 : 1
    address.connections = connections
    address.blame(failure, isFurther, now)

    if (records != null && failure === 'handshake') {
      this.#propagateFailure(records, keys, 1, now)
    } else if (records != null) {
      this.#propagateWhenExplained(records, keys, 1, startedAt, now)
    }
  }

  /** Records an attempt that was given up without a response: a part of a failure, which does not count as a failure in a row */
  gaveUp (keys: Keys, { failure, alive }: Silence, startedAt: number, now: number): void {
    const records = this.make(keys)

    if (failure > 0) {
      records.address.outcomes.add(0, failure, now)
      this.#propagateWhenExplained(records, keys, failure, startedAt, now)
    }

    if (!keys.isIndirect && records.peer != null && records.peer.connectedAt >= startedAt && now > startedAt) {
      this.classes.get(keys.network)?.roundTrip?.addLonger((now - startedAt) / keys.costs.roundTrips.first, alive)
    }
  }

  /**
   * Records an attempt that was given up after a response: only the address is in doubt
   *
   * @param overdue the part of a failure
   * @param works whether the response proves that the path works
   * @param longerThan the milliseconds that a connection takes at least. Behind a middlebox that accepts every connection, round trips look short
   */
  wasHeard (keys: Keys, overdue: number, works: boolean, longerThan: number | undefined, now: number): void {
    const records = this.make(keys)
    records.address.outcomes.add(0, overdue, now)
    records.address.connect ??= longerThan == null ? undefined : LogMean.of(longerThan, this.#ownVariance)
    propagate(records, keys, records.address.propagated.raiseTo('successes', works ? HEARD : 0, now), 0, now)
  }

  /** Propagates a failure if the peer, or without a peer id its host, is known to be online. Otherwise the failure waits until that is known */
  #propagateWhenExplained (records: CandidateRecords, keys: Keys, weight: number, startedAt: number, now: number): void {
    if (records.peer == null ? this.#unexplained.hasAnswered(keys, startedAt) : records.peer.connectedAt >= startedAt) {
      this.#propagateFailure(records, keys, weight, now)
    } else {
      this.#unexplained.add(keys.peer ?? hostOf(keys), { keys, weight, at: now })
    }
  }

  #hostAnswered (keys: Keys, now: number): void {
    this.#unexplained.explainHost(keys, now).forEach(one => { this.#propagateFailure(this.make(one.keys), one.keys, one.weight, now) })
  }

  #propagateFailure (records: CandidateRecords, keys: Keys, weight: number, now: number): void {
    propagate(records, keys, 0, records.address.propagated.raiseTo('failures', weight, now), now)
  }

  measured (keys: Keys, ms: number, { address, prefix } = this.make(keys)): void {
    const { network, isIndirect } = keys
    address.roundTrip = this.#added(address.roundTrip, ms)

    if (isIndirect) {
      return
    }

    const all = this.renew('classes', network)
    all.roundTrip ??= new LogMean(Math.log(this.#belief.roundTrip), this.#belief.spread ** 2)
    all.roundTrip.add(ms, MANY)

    if (prefix != null) {
      prefix.roundTrip = this.#added(prefix.roundTrip, ms)
    }
  }

  #added (mean: LogMean | undefined, ms: number): LogMean {
    mean?.add(ms)
    return mean ?? LogMean.of(ms, this.#ownVariance)
  }

  #forKinds ({ kinds, prefix, address }: Keys, learn: 'answered' | 'failed', now: number): void {
    kinds.forEach(kind => { this.renew('kinds', kind)[learn](prefix ?? address, now) })
  }
}
