import { LogMean } from './averages.ts'
import { AddressRecord, GroupRecord, KindRecord, LONG, PeerRecord } from './records.ts'
import type { Outcomes } from './averages.ts'
import type { Failure } from './failure.ts'

/** The version of the format. Increase it with each change */
export const VERSION = 2

/** Encodes the records of one level as arrays, which are half as long as objects */
export interface Codec<T, Written = any> {
  encode (record: T): Written
  /** Decodes a record. If the clock was set back, times after `now` become `now` */
  decode (written: Written, now: number): T
}

type Counts = [successes: number, failures: number, at: number]
type Mean = [mean: number, variance: number, count: number] | null

export const codecs = {
  addresses: {
    encode: ({ outcomes, propagated, roundTrip, connect, failures, connections, failedAt, failure }) =>
      [counts(outcomes), counts(propagated), mean(roundTrip), mean(connect), failures, connections, Math.round(failedAt), failure ?? null],
    decode: ([outcomes, propagated, roundTrip, connect, failures, connections, failedAt, failure], now) => {
      const record = new AddressRecord()
      readCounts(record.outcomes, outcomes, now)
      readCounts(record.propagated, propagated, now)

      return Object.assign(record, { roundTrip: readMean(roundTrip), connect: readMean(connect), failures, connections, failedAt: Math.min(now, failedAt), failure: failure ?? undefined })
    }
  } satisfies Codec<AddressRecord, [outcomes: Counts, propagated: Counts, roundTrip: Mean, connect: Mean, failures: number, connections: number, failedAt: number, failure: Failure | null]>,

  peers: {
    encode: ({ online, classes, connections, connectedAt }) =>
      [counts(online), connections, Math.round(Math.max(0, connectedAt)), classes.map(one => [one.pathClass, counts(one)])],
    decode: ([online, connections, connectedAt, classes], now) => {
      const record = new PeerRecord()
      readCounts(record.online, online, now)
      classes.forEach(([pathClass, outcomes]) => { readCounts(record.makeClass(pathClass), outcomes, now) })

      return Object.assign(record, { connections, connectedAt: Math.min(now, connectedAt) })
    }
  } satisfies Codec<PeerRecord, [online: Counts, connections: number, connectedAt: number, classes: Array<[pathClass: string, Counts]>]>,

  prefixes: { encode: encodeGroup, decode: decodeGroup } satisfies Codec<GroupRecord>,
  classes: { encode: encodeGroup, decode: decodeGroup } satisfies Codec<GroupRecord>,

  sources: {
    encode: ({ outcomes }) => counts(outcomes),
    decode: (outcomes, now) => {
      const record = new GroupRecord(LONG)
      readCounts(record.outcomes, outcomes, now)

      return record
    }
  } satisfies Codec<GroupRecord, Counts>,

  kinds: {
    encode: ({ outcomes, silent }) => [counts(outcomes), [...silent]],
    decode: ([outcomes, silent], now) => {
      const record = new KindRecord()
      readCounts(record.outcomes, outcomes, now)

      return Object.assign(record, { silent: new Set(silent) })
    }
  } satisfies Codec<KindRecord, [outcomes: Counts, silent: string[]]>
}

function encodeGroup ({ outcomes, roundTrip }: GroupRecord): [Counts, Mean] {
  return [counts(outcomes), mean(roundTrip)]
}

function decodeGroup ([outcomes, roundTrip]: [Counts, Mean], now: number): GroupRecord {
  const record = new GroupRecord()
  readCounts(record.outcomes, outcomes, now)

  return Object.assign(record, { roundTrip: readMean(roundTrip) })
}

function counts ({ successes, failures, at }: Outcomes): Counts {
  return [rounded(successes), rounded(failures), Math.round(at)]
}

function readCounts (outcomes: Outcomes, [successes, failures, at]: Counts, now: number): void {
  Object.assign(outcomes, { successes, failures, at: Math.min(now, at) })
}

function mean (known?: LogMean): Mean {
  return known == null ? null : [rounded(known.mean), rounded(known.variance), known.count]
}

function readMean (written: Mean): LogMean | undefined {
  return written == null ? undefined : new LogMean(...written)
}

function rounded (value: number): number {
  return Math.round(value * 10_000) / 10_000
}
