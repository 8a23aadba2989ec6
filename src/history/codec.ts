import { LogMean } from './averages.ts'
import { FAILURES } from './failure.ts'
import { AddressRecord, GroupRecord, KindRecord, PeerRecord } from './records.ts'
import type { Evidence } from './averages.ts'
import type { Failure } from './failure.ts'

/** How the records of one level are written: as arrays, which are half as long as objects */
export interface Codec<T> {
  encode (record: T): unknown
  /** @throws where it is not what `encode` made. What is said to be of later than `now` is of now */
  decode (written: unknown, now: number): T
}

export const codecs = {
  addresses: {
    encode: ({ evidence, told, roundTrip, connect, failures, connections, failedAt, failure }) =>
      [counts(evidence), counts(told), mean(roundTrip), mean(connect), failures, connections, Math.round(failedAt), failure ?? null],
    decode: (written, now) => {
      const [evidence, told, roundTrip, connect, failures, connections, failedAt, failure] = list(written, 8)
      const record = new AddressRecord()
      readCounts(record.evidence, evidence, now)
      readCounts(record.told, told, now)
      record.roundTrip = readMean(roundTrip)
      record.connect = readMean(connect)
      record.failures = number(failures)
      record.connections = number(connections)
      record.failedAt = Math.min(now, number(failedAt))
      record.failure = failure === null ? undefined : readFailure(failure)

      return record
    }
  } satisfies Codec<AddressRecord>,

  peers: {
    encode: ({ online, classes, connections, connectedAt }) =>
      [counts(online), connections, Math.round(Math.max(0, connectedAt)), classes.map(one => [one.pathClass, counts(one)])],
    decode: (written, now) => {
      const [online, connections, connectedAt, classes] = list(written, 4)
      const record = new PeerRecord()
      readCounts(record.online, online, now)
      record.connections = number(connections)
      record.connectedAt = Math.min(now, number(connectedAt))

      for (const entry of list(classes)) {
        const [pathClass, evidence] = list(entry, 2)
        readCounts(record.makeClass(text(pathClass)), evidence, now)
      }

      return record
    }
  } satisfies Codec<PeerRecord>,

  prefixes: { encode: encodeGroup, decode: decodeGroup } satisfies Codec<GroupRecord>,
  classes: { encode: encodeGroup, decode: decodeGroup } satisfies Codec<GroupRecord>,

  kinds: {
    encode: ({ evidence, silent }) => [counts(evidence), [...silent]],
    decode: (written, now) => {
      const [evidence, silent] = list(written, 2)
      const record = new KindRecord()
      readCounts(record.evidence, evidence, now)
      list(silent).forEach(prefix => { record.silent.add(text(prefix)) })

      return record
    }
  } satisfies Codec<KindRecord>
}

function encodeGroup ({ evidence, roundTrip }: GroupRecord): unknown {
  return [counts(evidence), mean(roundTrip)]
}

function decodeGroup (written: unknown, now: number): GroupRecord {
  const [evidence, roundTrip] = list(written, 2)
  const record = new GroupRecord()
  readCounts(record.evidence, evidence, now)
  record.roundTrip = readMean(roundTrip)

  return record
}

function counts ({ successes, failures, at }: Evidence): number[] {
  return [rounded(successes), rounded(failures), Math.round(at)]
}

function readCounts (evidence: Evidence, written: unknown, now: number): void {
  const [successes, failures, at] = list(written, 3)
  evidence.successes = number(successes)
  evidence.failures = number(failures)
  evidence.at = Math.min(now, number(at))
}

function mean (given?: LogMean): number[] | null {
  return given == null ? null : [rounded(given.mean), rounded(given.variance)]
}

function readMean (written: unknown): LogMean | undefined {
  if (written === null) {
    return
  }

  const [mean, variance] = list(written, 2)

  // e^20 ms is years
  return new LogMean(number(mean, -20, 20), number(variance, 0, 400))
}

function readFailure (written: unknown): Failure {
  const failure = FAILURES.find(failure => failure === written)

  return failure ?? unreadable()
}

function rounded (value: number): number {
  return Math.round(value * 10_000) / 10_000
}

export function list (value: unknown, length?: number): unknown[] {
  return Array.isArray(value) && (length == null || value.length === length) ? value : unreadable()
}

export function text (value: unknown): string {
  return typeof value === 'string' ? value : unreadable()
}

function number (value: unknown, min: number = 0, max: number = Number.MAX_SAFE_INTEGER): number {
  return typeof value === 'number' && value >= min && value <= max ? value : unreadable()
}

function unreadable (): never {
  throw new Error('not a record of a history')
}
