import { namesIn } from '../../pipeline/runtime/make-stage.ts'
import { errorSummary, traceError, withCode } from '../../trace/error-text.ts'
import { makeTrace, shownOf, TRACE_CAPS } from '../../trace/make-trace.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { AddressStory, Story } from '../../pipeline/runtime/story.ts'
import type { AnyStage } from '../../pipeline/types.ts'
import type { CallerStory, DialRecord, RecordedConnection } from '../../trace/record.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The members of a dial that its record needs */
export interface RecordedDial {
  readonly id: string
  readonly pipeline: AnyStage
  readonly requested: { readonly peer?: string, readonly multiaddrs: readonly Multiaddr[] }
  readonly callerStories: readonly CallerStory[]
  readonly callerCount: number
  /** Undefined while the dial is queued, and when it ended in the queue */
  readonly run?: RecordedRun
}

export interface RecordedRun extends Pick<DialRecord, 'startedAt' | 'endedAt' | 'isAborted' | 'awaited' | 'held'> {
  readonly node: { readonly clock: Pick<Clock, 'now'> }
  readonly connection?: Connection
  readonly failure: unknown
  readonly target: { readonly current: { readonly multiaddrs: readonly Multiaddr[] } }
  readonly story: Story
}

/** Returns the current record of a dial, from which its trace is made */
export function recordOf ({ id, pipeline, requested, callerStories: callers, callerCount, run }: RecordedDial): DialRecord {
  const { peer } = requested
  const omitted = { callers: callerCount - callers.length }

  if (run == null) {
    const endedAt = callers.every(({ endedAt }) => endedAt != null) ? callers.at(-1)?.endedAt : undefined

    return { id, peer, pipeline: namesIn(pipeline), callers, omitted, multiaddrs: requested.multiaddrs, startedAt: callers[0]?.at ?? 0, endedAt, isAborted: true, error: callers.at(-1)?.error, sources: [], awaited: ['its turn'], addresses: [] }
  }

  const { startedAt, node: { clock }, connection, failure, endedAt, isAborted, awaited, target, story: { addresses, sources } } = run

  return {
    id,
    peer,
    pipeline: namesIn(pipeline),
    callers,
    omitted,
    multiaddrs: target.current.multiaddrs,
    startedAt,
    endedAt,
    readAt: endedAt == null && connection == null ? clock.now() : undefined,
    isAborted,
    connection: connection == null ? undefined : connectionOf(connection),
    error: failure,
    sources,
    awaited,
    addresses: [...addresses.values()],
    // a trace with a connection shows no held address, and reading them costs a pass over each list
    held: endedAt != null && connection != null ? undefined : run.held
  }
}

/** Returns the record of a dial that has ended. Cuts the dial's story down to what the record needs, so the story must not be read again */
function finalRecordOf (dial: RecordedDial): DialRecord {
  const record = recordOf(dial)
  const { sources, error, callers } = record
  // changed in place: every dial has a record, and a copy costs as much as making one
  const final: { -readonly [K in keyof DialRecord]: DialRecord[K] } = cut(record)
  final.addresses.forEach(release)

  for (const source of sources) {
    source.error &&= errorSummary(source.error)
  }

  final.error = error == null ? undefined : traceError(error)
  final.callers = callers.map(inShort)

  return final
}

/** Cuts a record to the addresses that a trace shows, because the node keeps the records of its latest dials */
function cut (record: DialRecord): DialRecord {
  const { addresses, multiaddrs, held, omitted } = record

  // nothing to cut, as in nearly every dial: the record itself, without a copy
  if (addresses.length <= TRACE_CAPS.candidates && multiaddrs.length <= TRACE_CAPS.addresses) {
    return record
  }

  const shown = shownOf(addresses)

  return {
    ...record,
    addresses: shown,
    multiaddrs: multiaddrs.slice(0, TRACE_CAPS.addresses),
    held: held == null || shown.length === addresses.length ? held : new Map(shown.flatMap(({ candidate: { id } }) => held.has(id) ? [[id, held.get(id) ?? '']] : [])),
    omitted: { ...omitted, candidates: addresses.length - shown.length, addresses: Math.max(0, multiaddrs.length - TRACE_CAPS.addresses) }
  }
}

/** Returns the members of a connection that a record keeps */
export function connectionOf ({ id, remoteAddr, limits, encryption, multiplexer }: Connection): RecordedConnection {
  return { id, address: remoteAddr.toString(), isLimited: limits != null, encryption, multiplexer }
}

function inShort (caller: CallerStory): CallerStory {
  const { error, multiaddrs } = caller
  const isShort = multiaddrs.length <= TRACE_CAPS.addressesOfCaller

  return error == null && isShort ? caller : { ...caller, ...error == null ? {} : { error: errorSummary(error) }, multiaddrs: isShort ? multiaddrs : multiaddrs.slice(0, TRACE_CAPS.addressesOfCaller) }
}

function release (story: AddressStory): void {
  const { attempts, dropped } = story

  if (dropped?.cause != null) {
    story.dropped = { ...dropped, cause: undefined }
  }

  for (const attempt of attempts) {
    attempt.connectionId = attempt.connection?.id
    attempt.connection = undefined
    attempt.refusers = undefined
    attempt.error &&= withCode(errorSummary(attempt.error), attempt.error)
    attempt.refusal &&= errorSummary(attempt.refusal)
  }
}

/** Traces one dial: from the dial itself while it runs, then from its record. An error refers to this object, which keeps only the record alive */
export class TracedDial {
  #dial?: RecordedDial
  #record?: DialRecord

  constructor (dial: RecordedDial) {
    this.#dial = dial
  }

  /** Grows from dial to dial */
  get number (): number {
    return Number((this.#record ?? this.#dial)?.id)
  }

  get record (): DialRecord {
    return this.#record ?? recordOf(this.#dial as RecordedDial)
  }

  /** Created on each read, from the current record */
  get trace (): DialTrace {
    return makeTrace(this.record)
  }

  /** Replaces the dial with its record, when the dial and all of its attempts have ended */
  close (): void {
    if (this.#dial != null) {
      this.#record = finalRecordOf(this.#dial)
      this.#dial = undefined
    }
  }
}

const traced = new WeakMap<object, TracedDial>()

/** Remembers which dial caused an error. When several dials share the error, the latest one wins */
export function noteDialOf (error: unknown, dial: TracedDial): void {
  if (typeof error === 'object' && error != null) {
    traced.set(error, dial)
  }
}

/** Returns the dial that caused an error. Undefined when there is none, or when another copy of this package made the error */
export function dialOf (error: object): TracedDial | undefined {
  return traced.get(error)
}

/** Adds the property `trace` to an error. The trace is created when it is read. The property is not enumerable, so that a printed error stays readable */
export function addTrace<E extends Error> (error: E, dial: TracedDial): E {
  noteDialOf(error, dial)

  try {
    // an error that two dials share keeps the trace of the first
    if (!('trace' in error)) {
      // a frozen error gets no trace: the call returns false
      Reflect.defineProperty(error, 'trace', { get: () => dial.trace, configurable: true, enumerable: false })
    }
  } catch {
    // an error that is a proxy may throw here, and gets no trace
  }

  return error
}
