import { Bounded } from '../pipeline/bounded.ts'
import { LogMean } from './averages.ts'
import { isAnswer } from './failure.ts'
import { FleetEvidence } from './fleet/fleet-evidence.ts'
import { AddressRecord, GroupRecord, KindRecord, PeerRecord } from './records.ts'
import { Snapshots } from './snapshots.ts'
import type { Level, RecordsByLevel } from './snapshots.ts'
import type { Belief } from './belief.ts'
import type { Failure } from './failure.ts'
import type { Keys } from './keys.ts'

/** How many are kept of each */
const MAX = { addresses: 10_000, peers: 10_000, prefixes: 2_000, classes: 256 }

/** All that is kept under the keys of one candidate, but for the kinds */
interface Records {
  readonly address: AddressRecord
  readonly pathClass: GroupRecord
  readonly prefix?: GroupRecord
  readonly peer?: PeerRecord
}

/** What was learnt in one network */
export class Knowledge implements RecordsByLevel {
  readonly addresses = new Bounded<AddressRecord>(MAX.addresses)
  readonly peers = new Bounded<PeerRecord>(MAX.peers)
  readonly prefixes = new Bounded<GroupRecord>(MAX.prefixes)
  readonly classes = new Bounded<GroupRecord>(MAX.classes)
  readonly kinds = new Bounded<KindRecord>(4)
  /** What others say who are in the same network, or have learnt of the internet at large */
  readonly fleet = new FleetEvidence()

  readonly #belief: Belief
  /** One address, or one site, differs less from one time to the next than the world does */
  readonly #ownVariance: number
  readonly #touched: (level: Level, key: string) => void
  #snapshots?: Snapshots

  constructor (belief: Belief, touched: (level: Level, key: string) => void) {
    this.#belief = belief
    this.#ownVariance = (belief.spread / 2) ** 2
    this.#touched = touched
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
    this.#snapshots?.restore(this.#touched)
    this.#snapshots = undefined
  }

  /** Forgets failures in a row, of addresses and of kinds. An address at which another peer has answered stays one */
  resetFailures (): void {
    for (const [key, record] of this.addresses) {
      if (record.failures > 0 && record.failure !== 'wrong-peer') {
        record.failures = 0
        this.#touched('addresses', key)
      }
    }

    for (const [kind] of [...this.kinds]) {
      this.kinds.set(kind, new KindRecord())
      this.#touched('kinds', kind)
    }
  }

  /** There was a connection to a peer */
  connected (peer: string, now: number): void {
    this.#connected(peer, this.#peer(peer), now)
  }

  #connected (peer: string, record: PeerRecord, now: number): void {
    // also one from this machine, which ends no outage
    this.#snapshots?.delete('peers', peer)
    // whatever was the matter, it is over
    record.online.failures = 0
    record.online.add(1, 0, now)
    record.connections++
    record.connectedAt = now
  }

  /** Everything was tried, and nothing connected */
  unreachable (peer: string, now: number): void {
    const { online } = this.#peer(peer)
    // it may have gone: what it was counts less than what it is
    online.successes /= 2
    online.add(0, 1, now)
  }

  /** @param roundTrip where one was measured, in milliseconds */
  succeeded (keys: Keys, startedAt: number, now: number, roundTrip?: number): void {
    const records = this.#make(keys)
    const { address, peer } = records

    if (roundTrip != null) {
      this.#measure(records, roundTrip)
    }

    address.outcomes.add(1, 0, now)
    address.failures = 0
    address.failure = undefined
    address.connect = this.#added(address.connect, now - startedAt)
    tell(records, keys, address.told.raise('successes', 1, now), 0, now)
    this.#forKinds(keys, 'answered', now)

    // where the node said so already, it is one connection
    if (peer != null && keys.peer != null && peer.connectedAt < startedAt) {
      this.#connected(keys.peer, peer, now)
    } else if (peer != null) {
      peer.connections++
    }
  }

  failed (keys: Keys, failure: Failure, now: number): void {
    if (failure === 'local') {
      return
    }

    if (isAnswer(failure)) {
      this.#forKinds(keys, 'answered', now)
    } else if (failure === 'silent' || failure === 'unreachable') {
      this.#forKinds(keys, 'failed', now)
    }

    if (failure === 'unreachable') {
      this.#group('classes', keys.pathClass).outcomes.add(0, 1, now)
      return
    }

    // another peer answers there: that says nothing of the way
    const records = failure === 'wrong-peer' ? undefined : this.#make(keys)
    const address = records?.address ?? this.#address(keys)
    const connections = keys.peer == null ? 0 : this.peers.get(keys.peer)?.connections ?? 0
    address.outcomes.add(0, 1, now)
    const isFurther = address.connections === connections
    address.failures = isFurther ? address.failures + 1 : 1
    address.connections = connections
    address.failedAt = now
    // once another peer has answered there, silence says no more
    address.failure = isFurther && address.failure === 'wrong-peer' ? 'wrong-peer' : failure

    if (records != null) {
      tell(records, keys, 0, address.told.raise('failures', 1, now), now)
    }
  }

  /** It was given up before there was an answer: a part of a failure, and none that is counted as one */
  gaveUp (keys: Keys, part: number, now: number): void {
    const records = this.#make(keys)
    const { outcomes, told } = records.address
    outcomes.add(0, part, now)
    tell(records, keys, 0, told.raise('failures', part, now), now)
  }

  /** A round trip was measured, in milliseconds */
  measured (keys: Keys, roundTrip: number): void {
    this.#measure(this.#make(keys), roundTrip)
  }

  #measure ({ address, pathClass, prefix }: Records, ms: number): void {
    address.roundTrip = this.#added(address.roundTrip, ms)
    // a class is wide: its first sample is one of many
    pathClass.roundTrip ??= new LogMean(Math.log(this.#belief.roundTrip), this.#belief.spread ** 2)
    pathClass.roundTrip.add(ms)

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

  #make (keys: Keys): Records {
    return {
      address: this.#address(keys),
      pathClass: this.#group('classes', keys.pathClass),
      prefix: keys.prefix == null ? undefined : this.#group('prefixes', keys.prefix),
      peer: keys.peer == null ? undefined : this.#peer(keys.peer)
    }
  }

  #address ({ address }: Keys): AddressRecord {
    this.#touched('addresses', address)
    return this.addresses.renew(address, newAddress)
  }

  #peer (peer: string): PeerRecord {
    this.#touched('peers', peer)
    return this.peers.renew(peer, newPeer)
  }

  #group (level: 'prefixes' | 'classes', key: string): GroupRecord {
    this.#touched(level, key)
    return this[level].renew(key, newGroup)
  }

  #kind (kind: string): KindRecord {
    this.#touched('kinds', kind)
    return this.kinds.renew(kind, newKind)
  }

  #forKinds ({ kinds, prefix, address }: Keys, learn: 'answered' | 'failed', now: number): void {
    kinds.forEach(kind => { this.#kind(kind)[learn](prefix ?? address, now) })
  }
}

/**
 * What all addresses of a prefix, a path class and a peer learn from one. An address that is tried over and over is not
 * many: a further failure only makes the one that they know fresh again
 *
 * @param successes how much more than the address has told before
 * @param failures likewise
 */
function tell ({ pathClass, prefix, peer }: Records, keys: Keys, successes: number, failures: number, now: number): void {
  pathClass.outcomes.add(successes, failures, now)
  prefix?.outcomes.add(successes, failures, now)
  peer?.makeClass(keys.pathClass).add(successes, failures, now)
}

const newAddress = (): AddressRecord => new AddressRecord()
const newPeer = (): PeerRecord => new PeerRecord()
const newGroup = (): GroupRecord => new GroupRecord()
const newKind = (): KindRecord => new KindRecord()
