import { Bounded } from '../pipeline/bounded.ts'
import { Outcomes } from './averages.ts'
import { AddressRecord, GroupRecord, KindRecord, LONG, PeerRecord, SourceRecord } from './records.ts'
import type { Keys } from './keys.ts'
import type { Level, RecordsByLevel } from './snapshots.ts'

/** How many are kept of each */
const MAX = { addresses: 10_000, peers: 10_000, prefixes: 2_000, classes: 256, sources: 64, kinds: 4 }

/** All that is kept under the keys of one candidate, but for the kinds */
export interface Records {
  readonly address: AddressRecord
  readonly pathClass: GroupRecord
  readonly prefix?: GroupRecord
  readonly peer?: PeerRecord
}

/** Records by level and key. Whoever asks for one to change it has it touched, which makes it the newest */
export class RecordTables implements RecordsByLevel {
  readonly addresses = new Bounded<AddressRecord>(MAX.addresses)
  readonly peers = new Bounded<PeerRecord>(MAX.peers)
  readonly prefixes = new Bounded<GroupRecord>(MAX.prefixes)
  readonly classes = new Bounded<GroupRecord>(MAX.classes)
  readonly sources = new Bounded<SourceRecord>(MAX.sources)
  readonly kinds = new Bounded<KindRecord>(MAX.kinds)
  protected readonly touched: (level: Level, key: string) => void

  constructor (touched: (level: Level, key: string) => void) {
    this.touched = touched
  }

  /** How many addresses failed when they were tried last, since there was a connection to their peer */
  get failing (): number {
    return Array.from(this.addresses).filter(([id, { failures, connections }]) => failures > 0 && connections === (this.peers.get(id.split('/p2p/').at(-1) ?? '')?.connections ?? 0)).length
  }

  protected make (keys: Keys): Records {
    return {
      address: this.address(keys),
      pathClass: this.group('classes', keys.pathClass),
      prefix: keys.prefix == null ? undefined : this.group('prefixes', keys.prefix),
      peer: keys.peer == null ? undefined : this.peer(keys.peer)
    }
  }

  protected address ({ address }: Keys): AddressRecord {
    this.touched('addresses', address)
    return this.addresses.renew(address, newAddress)
  }

  protected peer (peer: string): PeerRecord {
    this.touched('peers', peer)
    return this.peers.renew(peer, newPeer)
  }

  protected group (level: 'prefixes' | 'classes', key: string): GroupRecord {
    this.touched(level, key)
    return this[level].renew(key, newGroup)
  }

  protected source (source: string): SourceRecord {
    this.touched('sources', source)
    return this.sources.renew(source, newSource)
  }

  /** Each peer counts once: a repetition only makes it fresh again */
  protected tellSources (sources: readonly string[], peer: PeerRecord, what: 'successes' | 'failures', now: number): void {
    if (sources.length > 0) {
      peer.told ??= new Outcomes(LONG)
      const more = peer.told.raise(what, 1, now)
      sources.forEach(source => { this.source(source).outcomes.add(what === 'successes' ? more : 0, what === 'failures' ? more : 0, now) })
    }
  }

  protected kind (kind: string): KindRecord {
    this.touched('kinds', kind)
    return this.kinds.renew(kind, newKind)
  }
}

const newAddress = (): AddressRecord => new AddressRecord()
const newPeer = (): PeerRecord => new PeerRecord()
const newGroup = (): GroupRecord => new GroupRecord()
const newSource = (): SourceRecord => new SourceRecord()
const newKind = (): KindRecord => new KindRecord()

/**
 * What all addresses of a prefix, a path class and a peer learn from one. An address that is tried over and over is not
 * many: a further failure only makes the one that they know fresh again
 *
 * @param successes how much more than the address has told before
 * @param failures likewise
 */
export function tell ({ pathClass, prefix, peer }: Records, keys: Keys, successes: number, failures: number, now: number): void {
  pathClass.outcomes.add(successes, failures, now)
  prefix?.outcomes.add(successes, failures, now)
  peer?.makeClass(keys.pathClass).add(successes, failures, now)
}
