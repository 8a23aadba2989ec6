import { Bounded } from '../pipeline/bounded.ts'
import { Outcomes } from './statistics.ts'
import { AddressRecord, GroupRecord, KindRecord, LONG, PeerRecord } from './records.ts'
import type { Keys } from './keys.ts'
import type { Level, RecordsByLevel } from './records.ts'

const MAX = { addresses: 10_000, peers: 10_000, prefixes: 2_000, classes: 256, sources: 64, kinds: 4 }

export const NEW_RECORD: { readonly [L in Level]: () => RecordsByLevel[L] } = {
  addresses: () => new AddressRecord(),
  peers: () => new PeerRecord(),
  prefixes: () => new GroupRecord(),
  classes: () => new GroupRecord(),
  sources: () => new GroupRecord(LONG),
  kinds: () => new KindRecord()
}

export type Tables = { readonly [L in Level]: Bounded<RecordsByLevel[L]> }

/** The records of one candidate, without those of its path kinds */
export interface CandidateRecords {
  readonly address: AddressRecord
  readonly pathClass: GroupRecord
  readonly prefix?: GroupRecord
  readonly peer?: PeerRecord
}

/** Records by level and key. Getting one for a change marks it as changed, and makes it the newest */
export class RecordTables implements Tables {
  readonly addresses = new Bounded<AddressRecord>(MAX.addresses)
  readonly peers = new Bounded<PeerRecord>(MAX.peers)
  readonly prefixes = new Bounded<GroupRecord>(MAX.prefixes)
  readonly classes = new Bounded<GroupRecord>(MAX.classes)
  readonly sources = new Bounded<GroupRecord>(MAX.sources)
  readonly kinds = new Bounded<KindRecord>(MAX.kinds)
  protected readonly touched: (level: Level, key: string) => void

  constructor (touched: (level: Level, key: string) => void) {
    this.touched = touched
  }

  /** The number of addresses whose last attempt has failed, since the last connection to their peer */
  get failing (): number {
    return Array.from(this.addresses).filter(([id, address]) => this.isFailing(address, id.split('/p2p/').at(-1))).length
  }

  /** Returns whether the last attempt of an address has failed, since the last connection to its peer */
  isFailing ({ failures, connections }: AddressRecord, peer?: string): boolean {
    return failures > 0 && connections === this.connectionsTo(peer)
  }

  protected connectionsTo (peer?: string): number {
    return peer == null ? 0 : this.peers.get(peer)?.connections ?? 0
  }

  protected make (keys: Keys): CandidateRecords {
    return {
      address: this.renew('addresses', keys.address),
      pathClass: this.renew('classes', keys.pathClass),
      prefix: keys.prefix == null ? undefined : this.renew('prefixes', keys.prefix),
      peer: keys.peer == null ? undefined : this.renew('peers', keys.peer)
    }
  }

  /** Returns a record for a change, and creates it if needed */
  protected renew<L extends Level>(level: L, key: string): RecordsByLevel[L] {
    this.touched(level, key)

    return (this as Tables)[level].renew(key, NEW_RECORD[level])
  }

  /** Adds an outcome of a peer to its sources. Each peer counts once: a repetition only renews it */
  protected propagateToSources (sources: readonly string[], peer: PeerRecord, what: 'successes' | 'failures', now: number, weight = 1): void {
    if (sources.length > 0) {
      peer.propagated ??= new Outcomes(LONG)
      const more = peer.propagated.raiseTo(what, weight, now)
      sources.forEach(source => { this.renew('sources', source).outcomes.add(what === 'successes' ? more : 0, what === 'failures' ? more : 0, now) })
    }
  }
}

/**
 * Adds the outcome of an address to its path class, prefix and peer. Each address counts once: repeated failures only renew the first one
 *
 * @param successes the increase of the address's own successes
 * @param failures the increase of the address's own failures
 */
export function propagate ({ pathClass, prefix, peer }: CandidateRecords, keys: Keys, successes: number, failures: number, now: number): void {
  pathClass.outcomes.add(successes, failures, now)
  prefix?.outcomes.add(successes, failures, now)
  peer?.makeClass(keys.pathClass).add(successes, failures, now)
}
