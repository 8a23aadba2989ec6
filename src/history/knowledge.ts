import { LogMean } from './averages.ts'
import { isAnswer } from './failure.ts'
import { FleetEvidence } from './fleet/fleet-evidence.ts'
import { KindRecord } from './records.ts'
import { RecordTables, tell } from './record-tables.ts'
import { Snapshots } from './snapshots.ts'
import { UnexplainedFailures } from './unexplained.ts'
import type { Level, RecordsByLevel } from './snapshots.ts'
import type { Records } from './record-tables.ts'
import type { PeerRecord } from './records.ts'
import type { Belief } from './belief.ts'
import type { Failure } from './failure.ts'
import type { Keys } from './keys.ts'
import type { Silence } from './silence.ts'

/** So many round trips of a network count alike, and so much of a success is a first response */
const [MANY, HEARD] = [31, 0.9]

/** What was learnt in one network */
export class Knowledge extends RecordTables {
  /** What others say who are in the same network, or have learnt of the internet at large */
  readonly fleet = new FleetEvidence()
  readonly #belief: Belief
  /** The round trips of one address, or one site, vary a quarter as much as those of the world: jitter makes them vary so much where it is heavy */
  readonly #ownVariance: number
  #unexplained = new UnexplainedFailures()
  #snapshots?: Snapshots

  constructor (belief: Belief, touched: (level: Level, key: string) => void) {
    super(touched)
    this.#belief = belief
    this.#ownVariance = (belief.spread / 4) ** 2
  }

  /** Remembers all records under these keys as they are now, so that `restore` can take back what failures change */
  save (keys: Partial<Keys>): void {
    this.#snapshots ??= new Snapshots(this)
    this.#snapshots.save(keys)
  }

  /** Nothing is taken back of what has happened until now */
  commit (): void {
    this.#snapshots = undefined
  }

  /** A record without the failures that `restore` would take back */
  confirmed<L extends Level>(level: L, key: string): ReturnType<RecordsByLevel[L]['get']> {
    return (this.#snapshots ?? new Snapshots(this)).get(level, key)
  }

  /** Takes back what was learnt since records were saved */
  restore (): void {
    this.#snapshots?.restore(this.touched)
    this.#snapshots = undefined
    this.#unexplained = new UnexplainedFailures()
  }

  /** Forgets failures in a row, of addresses and of kinds. An address at which another peer has answered stays one */
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

  /** There was a connection to a peer */
  connected (peer: string, now: number): void {
    this.#connected(peer, this.peer(peer), now)
  }

  #connected (peer: string, record: PeerRecord, now: number): void {
    // also one from this machine, which ends no outage
    this.#snapshots?.delete('peers', peer)
    // whatever was the matter, it is over
    record.online.failures = 0
    record.online.add(1, 0, now)
    record.connections++
    record.connectedAt = now
    // the peer is there: it was not what was the matter
    this.#unexplained.take(peer, now).forEach(({ keys, weight }) => { this.#tellFailure(this.make(keys), keys, weight, now) })
  }

  /**
   * Everything was tried, and nothing connected: the peer was the matter, as far as anybody knows, and none of its addresses
   *
   * @param mayBeOutage this machine may be the matter: what changes is saved
   */
  unreachable (peer: string, now: number, mayBeOutage: boolean): void {
    const failures = this.#unexplained.take(peer, now)
    const sources = [...new Set(failures.map(({ keys }) => keys.source))]

    if (mayBeOutage) {
      this.save({ peer })
      failures.forEach(({ keys: { address, source } }) => { this.save({ address, source }) })
    }

    const record = this.peer(peer)
    // it may have gone: what it was counts less than what it is
    record.online.successes /= 2
    record.online.add(0, 1, now)
    this.tellSources(sources, record, 'failures', now)
    failures.forEach(({ keys, weight }) => { this.address(keys).outcomes.remove(weight, now) })
  }

  /** @param roundTrip where one was measured, in milliseconds */
  succeeded (keys: Keys, startedAt: number, now: number, roundTrip?: number): void {
    const records = this.make(keys)
    const { address, peer } = records

    if (roundTrip != null) {
      this.#measure(records, keys, roundTrip)
    }

    address.outcomes.add(1, 0, now)
    address.failures = 0
    address.failure = undefined
    address.connect = this.#added(address.connect, now - startedAt)
    tell(records, keys, address.told.raise('successes', 1, now), 0, now)
    this.#forKinds(keys, 'answered', now)

    if (peer != null) {
      this.tellSources([keys.source], peer, 'successes', now)
    }

    // where the node said so already, it is one connection
    if (peer != null && keys.peer != null && peer.connectedAt < startedAt) {
      this.#connected(keys.peer, peer, now)
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
    } else if (failure === 'silent' || failure === 'unreachable') {
      this.#forKinds(keys, 'failed', now)
    }

    if (failure === 'unreachable') {
      this.group('classes', keys.pathClass).outcomes.add(0, 1, now)
      return
    }

    // another peer answers there: that says nothing of the way
    const records = failure === 'wrong-peer' ? undefined : this.make(keys)
    const address = records?.address ?? this.address(keys)
    const connections = keys.peer == null ? 0 : this.peers.get(keys.peer)?.connections ?? 0
    address.outcomes.add(0, 1, now)
    const isFurther = address.connections === connections
    address.failures = isFurther ? address.failures + 1 : 1
    address.connections = connections
    address.failedAt = now
    // once another peer has answered there, silence says no more
    address.failure = isFurther && address.failure === 'wrong-peer' ? 'wrong-peer' : failure

    if (records != null && failure === 'handshake') {
      this.#tellFailure(records, keys, 1, now)
    } else if (records != null) {
      this.#tellWhenExplained(records, keys, 1, startedAt, now)
    }
  }

  /** It was given up before there was an answer: a part of a failure, and none that is counted as one */
  gaveUp (keys: Keys, { failure, alive }: Silence, startedAt: number, now: number): void {
    const records = this.make(keys)

    if (failure > 0) {
      records.address.outcomes.add(0, failure, now)
      this.#tellWhenExplained(records, keys, failure, startedAt, now)
    }

    if (!keys.isIndirect && records.peer != null && records.peer.connectedAt >= startedAt && now > startedAt) {
      this.classes.get(keys.network)?.roundTrip?.addLonger((now - startedAt) / keys.route.roundTrips.first, alive)
    }
  }

  /**
   * It was given up after an answer: only the address is in doubt
   *
   * @param overdue how much of a failure that is
   * @param works the answer is one of the way there
   */
  wasHeard (keys: Keys, overdue: number, works: boolean, now: number): void {
    const records = this.make(keys)
    records.address.outcomes.add(0, overdue, now)
    tell(records, keys, records.address.told.raise('successes', works ? HEARD : 0, now), 0, now)
  }

  /** A failure says something of the way there if the peer is online: where it has not answered meanwhile, that has to be known first */
  #tellWhenExplained (records: Records, keys: Keys, weight: number, startedAt: number, now: number): void {
    if (keys.peer == null || records.peer == null || records.peer.connectedAt >= startedAt) {
      this.#tellFailure(records, keys, weight, now)
    } else {
      this.#unexplained.add(keys.peer, { keys, weight, at: now })
    }
  }

  #tellFailure (records: Records, keys: Keys, weight: number, now: number): void {
    tell(records, keys, 0, records.address.told.raise('failures', weight, now), now)
  }

  /** A round trip was measured, in milliseconds */
  measured (keys: Keys, roundTrip: number): void {
    this.#measure(this.make(keys), keys, roundTrip)
  }

  #measure ({ address, prefix }: Records, { network, isIndirect }: Keys, ms: number): void {
    address.roundTrip = this.#added(address.roundTrip, ms)

    if (isIndirect) {
      return
    }

    const all = this.group('classes', network)
    all.roundTrip ??= new LogMean(Math.log(this.#belief.roundTrip), this.#belief.spread ** 2)
    all.roundTrip.add(ms, MANY)

    if (prefix != null) {
      prefix.roundTrip = this.#added(prefix.roundTrip, ms)
    }
  }

  #added (mean: LogMean | undefined, ms: number): LogMean {
    if (mean == null) {
      return LogMean.of(ms, this.#ownVariance)
    }

    mean.add(ms)
    return mean
  }

  #forKinds ({ kinds, prefix, address }: Keys, learn: 'answered' | 'failed', now: number): void {
    kinds.forEach(kind => { this.kind(kind)[learn](prefix ?? address, now) })
  }
}
