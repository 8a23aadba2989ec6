import { Bounded } from '../pipeline/bounded.ts'
import { Evidence } from './evidence.ts'
import { isAnswer } from './failure.ts'
import { LogMean, logOf } from './log-mean.ts'
import { AddressRecord, GroupRecord, KindRecord, LONG, PeerRecord } from './records.ts'
import { Snapshots } from './snapshots.ts'
import type { Belief } from './belief.ts'
import type { Failure } from './failure.ts'
import type { Keys } from './keys.ts'

/** How many are kept of each */
const MAX = { addresses: 10_000, peers: 10_000, prefixes: 2_000, classes: 256 }

export const LEVELS = ['addresses', 'peers', 'prefixes', 'classes', 'kinds'] as const

export type Level = typeof LEVELS[number]

/** What was learnt in one network */
export class Knowledge {
  readonly addresses = new Bounded<AddressRecord>(MAX.addresses)
  readonly peers = new Bounded<PeerRecord>(MAX.peers)
  readonly prefixes = new Bounded<GroupRecord>(MAX.prefixes)
  readonly classes = new Bounded<GroupRecord>(MAX.classes)
  readonly kinds = new Bounded<KindRecord>(4)

  readonly #belief: Belief
  readonly #touched: (level: Level, key: string) => void
  readonly #snapshots = new Snapshots()

  constructor (belief: Belief, touched: (level: Level, key: string) => void) {
    this.#belief = belief
    this.#touched = touched
  }

  /** Remembers all records under these keys as they are now, so that `restore` can take back what failures change */
  save (keys: Keys): void {
    this.#save('addresses', keys.address)
    this.#save('classes', keys.pathClass)
    kindsOf(keys).forEach(kind => { this.#save('kinds', kind) })

    if (keys.prefix != null) {
      this.#save('prefixes', keys.prefix)
    }

    if (keys.peer != null) {
      this.savePeer(keys.peer)
    }
  }

  savePeer (peer: string): void {
    this.#save('peers', peer)
  }

  #save (level: Level, key: string): void {
    this.#snapshots.add(level, key, this[level].get(key))
  }

  /** Nothing is taken back of what has happened until now */
  commit (): void {
    this.#snapshots.clear()
  }

  /** Takes back what was learnt since records were saved */
  restore (): void {
    for (const { level, key, record } of this.#snapshots.take()) {
      const records: Bounded<any> = this[level]
      this.#touched(level, key)

      if (record == null) {
        records.delete(key)
      } else {
        records.set(key, record)
      }
    }
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
    // also one from this machine, which ends no outage
    this.#snapshots.delete('peers', peer)
    const record = this.#peer(peer)
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

  succeeded (keys: Keys, startedAt: number, now: number): void {
    const address = this.#address(keys)
    address.evidence.add(1, 0, now)
    address.failures = 0
    address.failure = undefined
    this.#connect(address, now - startedAt)
    this.#tell(keys, address, 1, 0, now)

    this.#pathWorks(keys, now)

    if (keys.peer == null) {
      return
    }

    // where the node said so already, it is one connection
    if (this.#peer(keys.peer).connectedAt < startedAt) {
      this.connected(keys.peer, now)
    } else {
      this.#peer(keys.peer).connections++
    }
  }

  failed (keys: Keys, failure: Failure, now: number): void {
    if (failure === 'local') {
      return
    }

    if (isAnswer(failure)) {
      this.#pathWorks(keys, now)
    } else if (failure === 'silent' || failure === 'unreachable') {
      this.#pathFailed(keys, now)
    }

    if (failure === 'unreachable') {
      this.#group('classes', keys.pathClass).evidence.add(0, 1, now)
      return
    }

    const address = this.#address(keys)
    const connections = keys.peer == null ? 0 : this.peers.get(keys.peer)?.connections ?? 0
    address.evidence.add(0, 1, now)
    const isFurther = address.connections === connections
    address.failures = isFurther ? address.failures + 1 : 1
    address.connections = connections
    address.failedAt = now
    // once another peer has answered there, silence says no more
    address.failure = isFurther && address.failure === 'wrong-peer' ? 'wrong-peer' : failure

    // another peer answers there: that says nothing of the way
    if (failure !== 'wrong-peer') {
      this.#tell(keys, address, 0, 1, now)
    }
  }

  /** It was given up before there was an answer: a part of a failure, and none that is counted as one */
  gaveUp (keys: Keys, part: number, now: number): void {
    const address = this.#address(keys)
    address.evidence.add(0, part, now)
    this.#tell(keys, address, 0, part, now)
  }

  /** A round trip was measured */
  measured (keys: Keys, ms: number): void {
    const address = this.#address(keys)
    const group = this.#group('classes', keys.pathClass)
    address.roundTrip = added(address.roundTrip, ms, this.#ownSpread)
    // a class is wide: its first sample is one of many
    group.roundTrip ??= new LogMean(Math.log(this.#belief.roundTrip), this.#belief.spread ** 2)
    group.roundTrip.add(ms)

    if (keys.prefix != null) {
      const prefix = this.#group('prefixes', keys.prefix)
      prefix.roundTrip = added(prefix.roundTrip, ms, this.#ownSpread)
    }
  }

  #connect (address: AddressRecord, ms: number): void {
    address.connect = added(address.connect, ms, this.#ownSpread)
  }

  /**
   * What all addresses of a prefix, a path class and a peer learn from one. An address that is tried over and over is not
   * many: a further failure only makes the one that they know fresh again
   */
  #tell (keys: Keys, { told }: AddressRecord, successes: number, failures: number, now: number): void {
    const more = told.raise(successes, failures, now)
    this.#group('classes', keys.pathClass).evidence.add(more.successes, more.failures, now)

    if (keys.prefix != null) {
      this.#group('prefixes', keys.prefix).evidence.add(more.successes, more.failures, now)
    }

    if (keys.peer != null) {
      const { classes } = this.#peer(keys.peer)
      const evidence = classes.get(keys.pathClass) ?? new Evidence(LONG)
      classes.set(keys.pathClass, evidence)
      evidence.add(more.successes, more.failures, now)
    }
  }

  /** One address, or one site, differs less from one time to the next than the world does */
  get #ownSpread (): number {
    return this.#belief.spread / 2
  }

  #address ({ address }: Keys): AddressRecord {
    this.#touched('addresses', address)
    return this.addresses.renew(address, () => new AddressRecord())
  }

  #peer (peer: string): PeerRecord {
    this.#touched('peers', peer)
    return this.peers.renew(peer, () => new PeerRecord())
  }

  #group (level: 'prefixes' | 'classes', key: string): GroupRecord {
    this.#touched(level, key)
    return this[level].renew(key, () => new GroupRecord())
  }

  #pathWorks (keys: Keys, now: number): void {
    this.#kinds(keys).forEach(kind => { kind.answered(keys.prefix ?? keys.address, now) })
  }

  #pathFailed (keys: Keys, now: number): void {
    this.#kinds(keys).forEach(kind => { kind.failed(keys.prefix ?? keys.address, now) })
  }

  #kinds (keys: Keys): KindRecord[] {
    return kindsOf(keys).map(kind => {
      this.#touched('kinds', kind)
      return this.kinds.renew(kind, () => new KindRecord())
    })
  }
}

function kindsOf ({ isUdp, isIp6 }: Keys): string[] {
  return [isUdp ? 'udp' : '', isIp6 ? 'ip6' : ''].filter(kind => kind !== '')
}

function added (mean: LogMean | undefined, ms: number, deviation: number): LogMean {
  if (mean == null) {
    return new LogMean(logOf(ms), deviation ** 2)
  }

  mean.add(ms)
  return mean
}
