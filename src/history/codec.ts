import { LogMean } from './averages.ts'
import { AddressRecord, GroupRecord, KindRecord, PeerRecord } from './records.ts'
import type { Evidence } from './averages.ts'
import type { Failure } from './failure.ts'

/** The version of what the codecs return: raise it with each change */
export const VERSION = 1

/** How the records of one level are written: as arrays, which are half as long as objects */
export interface Codec<T, Written = any> {
  encode (record: T): Written
  /** Where the clock was set back, what is written as later than `now` counts as of `now` */
  decode (written: Written, now: number): T
}

type Counts = [successes: number, failures: number, at: number]
type Mean = [mean: number, variance: number] | null

export const codecs = {
  addresses: {
    encode: ({ evidence, told, roundTrip, connect, failures, connections, failedAt, failure }) =>
      [counts(evidence), counts(told), mean(roundTrip), mean(connect), failures, connections, Math.round(failedAt), failure ?? null],
    decode: ([evidence, told, roundTrip, connect, failures, connections, failedAt, failure], now) => {
      const record = new AddressRecord()
      readCounts(record.evidence, evidence, now)
      readCounts(record.told, told, now)

      return Object.assign(record, { roundTrip: readMean(roundTrip), connect: readMean(connect), failures, connections, failedAt: Math.min(now, failedAt), failure: failure ?? undefined })
    }
  } satisfies Codec<AddressRecord, [evidence: Counts, told: Counts, roundTrip: Mean, connect: Mean, failures: number, connections: number, failedAt: number, failure: Failure | null]>,

  peers: {
    encode: ({ online, classes, connections, connectedAt }) =>
      [counts(online), connections, Math.round(Math.max(0, connectedAt)), classes.map(one => [one.pathClass, counts(one)])],
    decode: ([online, connections, connectedAt, classes], now) => {
      const record = new PeerRecord()
      readCounts(record.online, online, now)
      classes.forEach(([pathClass, evidence]) => { readCounts(record.makeClass(pathClass), evidence, now) })

      return Object.assign(record, { connections, connectedAt: Math.min(now, connectedAt) })
    }
  } satisfies Codec<PeerRecord, [online: Counts, connections: number, connectedAt: number, classes: Array<[pathClass: string, Counts]>]>,

  prefixes: { encode: encodeGroup, decode: decodeGroup } satisfies Codec<GroupRecord>,
  classes: { encode: encodeGroup, decode: decodeGroup } satisfies Codec<GroupRecord>,

  kinds: {
    encode: ({ evidence, silent }) => [counts(evidence), [...silent]],
    decode: ([evidence, silent], now) => {
      const record = new KindRecord(undefined, new Set(silent))
      readCounts(record.evidence, evidence, now)

      return record
    }
  } satisfies Codec<KindRecord, [evidence: Counts, silent: string[]]>
}

function encodeGroup ({ evidence, roundTrip }: GroupRecord): [Counts, Mean] {
  return [counts(evidence), mean(roundTrip)]
}

function decodeGroup ([evidence, roundTrip]: [Counts, Mean], now: number): GroupRecord {
  const record = new GroupRecord()
  readCounts(record.evidence, evidence, now)

  return Object.assign(record, { roundTrip: readMean(roundTrip) })
}

function counts ({ successes, failures, at }: Evidence): Counts {
  return [rounded(successes), rounded(failures), Math.round(at)]
}

function readCounts (evidence: Evidence, [successes, failures, at]: Counts, now: number): void {
  Object.assign(evidence, { successes, failures, at: Math.min(now, at) })
}

function mean (known?: LogMean): Mean {
  return known == null ? null : [rounded(known.mean), rounded(known.variance)]
}

function readMean (written: Mean): LogMean | undefined {
  return written == null ? undefined : new LogMean(...written)
}

function rounded (value: number): number {
  return Math.round(value * 10_000) / 10_000
}
