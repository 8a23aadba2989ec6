import { makeTrace } from '../../trace/make-trace.ts'
import { finalRecordOf, recordOf } from './dial-record.ts'
import type { RecordedDial } from './dial-record.ts'
import type { DialRecord } from '../../trace/record.ts'
import type { DialTrace } from '../../trace/types.ts'

/** What is known of one dial: of itself while it goes on, and then of a record. Whoever keeps its error keeps no more than that alive */
export class TracedDial {
  #dial?: RecordedDial
  #record?: DialRecord

  constructor (dial: RecordedDial) {
    this.#dial = dial
  }

  get record (): DialRecord {
    return this.#record ?? recordOf(this.#dial as RecordedDial)
  }

  /** Made anew each time, of what is known by then */
  get trace (): DialTrace {
    return makeTrace(this.record)
  }

  /** The dial has ended, with all of its attempts */
  close (): void {
    if (this.#dial != null) {
      this.#record = finalRecordOf(this.#dial)
      this.#dial = undefined
    }
  }
}

const traced = new WeakMap<object, TracedDial>()

/** Notes which dial has given an error. Of several that share one, the latest */
export function noteDialOf (error: unknown, dial: TracedDial): void {
  if (typeof error === 'object' && error != null) {
    traced.set(error, dial)
  }
}

/** Returns the dial that has given an error. Undefined: none has, or it was told by another copy of this package */
export function dialOf (error: object): TracedDial | undefined {
  return traced.get(error)
}

/** Gives an error the property `trace`, which is made when it is read. It is not enumerable: who prints the error wants to read its message */
export function addTrace<E extends Error> (error: E, dial: TracedDial): E {
  noteDialOf(error, dial)

  try {
    // an error that two dials share has the trace of the first
    if (!('trace' in error)) {
      // unless it is frozen
      Reflect.defineProperty(error, 'trace', { get: () => dial.trace, configurable: true, enumerable: false })
    }
  } catch {
    // a proxy may refuse
  }

  return error
}
