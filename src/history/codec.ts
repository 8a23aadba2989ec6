import { LogMean } from './statistics.ts'
import { NEW_RECORD } from './record-tables.ts'
import { ClassOutcomes } from './records.ts'
import type { Outcomes } from './statistics.ts'
import type { Level, RecordsByLevel } from './records.ts'

/** The version of the format. Increase it with each change */
export const VERSION = 2

/** Encodes the records of one level as arrays, which are half as long as objects */
export interface Codec<T, Written = any> {
  encode (record: T): Written
  /** Decodes a record. If the clock was set back, times after `now` become `now` */
  decode (written: Written, now: number): T
}

interface Form {
  write (value: any): unknown
  read (written: any, now: number, initial: any): unknown
}

type Counts = [successes: number, failures: number, at: number]

const VALUE: Form = { write: value => value ?? null, read: written => written ?? undefined }

const TIME: Form = { write: (at: number) => Math.round(Math.max(0, at)), read: (at: number, now) => Math.min(now, at) }

const COUNTS: Form = {
  write: ({ successes, failures, at }: Outcomes): Counts => [rounded(successes), rounded(failures), Math.round(at)],
  read: ([successes, failures, at]: Counts, now, outcomes: Outcomes) => Object.assign(outcomes, { successes, failures, at: Math.min(now, at) })
}

const MEAN: Form = {
  write: (known?: LogMean) => known == null ? null : [rounded(known.mean), rounded(known.variance), known.count],
  read: (written: [mean: number, variance: number, count: number] | null) => written == null ? undefined : new LogMean(...written)
}

const CLASSES: Form = {
  write: (classes: readonly ClassOutcomes[]) => classes.map(one => [one.pathClass, COUNTS.write(one)]),
  read: (written: Array<[pathClass: string, Counts]>, now) => written.map(([pathClass, counts]) => COUNTS.read(counts, now, new ClassOutcomes(pathClass)))
}

const SET: Form = { write: (set: ReadonlySet<string>) => [...set], read: (written: string[]) => new Set(written) }

const GROUP = { outcomes: COUNTS, roundTrip: MEAN }

export const codecs: { readonly [L in Level]: Codec<RecordsByLevel[L]> } = {
  addresses: codecOf('addresses', { outcomes: COUNTS, propagated: COUNTS, roundTrip: MEAN, connect: MEAN, failures: VALUE, connections: VALUE, failedAt: TIME, failure: VALUE }),
  peers: codecOf('peers', { online: COUNTS, connections: VALUE, connectedAt: TIME, classes: CLASSES }),
  prefixes: codecOf('prefixes', GROUP),
  classes: codecOf('classes', GROUP),
  sources: codecOf('sources', { outcomes: COUNTS }),
  kinds: codecOf('kinds', { outcomes: COUNTS, silent: SET })
}

/** @param fields the fields in the order in which they are written. A single one is written without an array */
function codecOf<L extends Level> (level: L, fields: { readonly [K in keyof RecordsByLevel[L]]?: Form }): Codec<RecordsByLevel[L]> {
  const forms = Object.entries(fields) as Array<[name: string, form: Form]>

  return {
    encode: (record: any) => {
      const written = forms.map(([name, form]) => form.write(record[name]))

      return written.length === 1 ? written[0] : written
    },
    decode: (written, now) => {
      const record: any = NEW_RECORD[level]()
      const values = forms.length === 1 ? [written] : written
      forms.forEach(([name, form], i) => { record[name] = form.read(values[i], now, record[name]) })

      return record
    }
  }
}

function rounded (value: number): number {
  return Math.round(value * 10_000) / 10_000
}
