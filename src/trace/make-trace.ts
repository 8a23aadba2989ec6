import { traceError, withCode } from './error-text.ts'
import { safeText } from '../pipeline/safe-text.ts'
import type { SourceStory } from '../pipeline/runtime/source-story.ts'
import type { AddressStory, AttemptStory } from '../pipeline/runtime/story.ts'
import type { Source } from '../pipeline/sources.ts'
import type { CallerStory, DialRecord, RecordedConnection } from './record.ts'
import type { DialTrace, TraceAttempt, TraceCaller, TraceCandidate, TraceConnection, TraceMark, TraceOmissions, TraceSource, TraceVerdict } from './types.ts'

/** The caps of a trace. `omitted` counts the entries beyond them */
export const TRACE_CAPS = Object.freeze({ addresses: 256, callers: 32, addressesOfCaller: 32, candidates: 256, attempts: 1_024, attemptsOfCandidate: 16, into: 32, provenance: 16, addressText: 1_024, reasonText: 256 })

export function makeTrace (record: DialRecord): DialTrace {
  return new TraceMaker(record).make()
}

class TraceMaker {
  readonly #record: DialRecord
  readonly #omitted: Required<TraceOmissions>
  #attemptsLeft = TRACE_CAPS.attempts

  constructor (record: DialRecord) {
    this.#record = record
    this.#omitted = { callers: 0, sources: 0, candidates: 0, attempts: 0, addresses: 0, ...record.omitted }
  }

  make (): DialTrace {
    const { id, peer, multiaddrs, pipeline: { name, stages }, startedAt, endedAt, readAt, connection, error, callers, sources, awaited, addresses } = this.#record
    const served = callers.filter(({ hasLeft }) => hasLeft !== true)
    const settledTimes = (served.length > 0 ? served : callers).flatMap(({ endedAt }) => endedAt ?? [])
    const shown = shownOf(addresses)
    this.#omitted.candidates += addresses.length - shown.length
    const candidates = shown.map(one => this.#candidate(one))

    return {
      version: 1,
      id,
      target: { ...peer == null ? {} : { peer }, addresses: this.#some('addresses', multiaddrs, TRACE_CAPS.addresses).map(addressText) },
      pipeline: { ...name == null ? {} : { name }, stages: [...stages] },
      startedAt,
      ...endedAt == null ? {} : { endedAt: this.#after(endedAt) },
      ...readAt == null ? {} : { madeAt: this.#after(readAt) },
      ...settledTimes.length === 0 ? {} : { settledAt: this.#after(Math.min(...settledTimes)) },
      outcome: this.#outcome(),
      ...connection == null ? {} : { connection: safeConnection(connection) },
      ...connection != null || error == null ? {} : { error: traceError(error) },
      callers: this.#some('callers', callers, TRACE_CAPS.callers).map(one => this.#caller(one)),
      sources: sources.map(one => this.#source(one)),
      awaited: [...awaited],
      candidates,
      ...this.#omissions()
    }
  }

  #outcome (): DialTrace['outcome'] {
    const { connection, endedAt, isAborted } = this.#record

    return connection != null ? 'connected' : endedAt == null ? 'running' : isAborted ? 'aborted' : 'failed'
  }

  #caller ({ at, multiaddrs, endedAt, connectedAt, error, hasLeft }: CallerStory): TraceCaller {
    const caller: TraceCaller = { at: this.#after(at), addresses: multiaddrs.slice(0, TRACE_CAPS.addressesOfCaller).map(addressText) }

    if (endedAt == null) {
      return caller
    }

    return {
      ...caller,
      endedAt: this.#after(endedAt),
      ...connectedAt == null ? { outcome: hasLeft === true ? 'aborted' as const : 'failed' as const, error: traceError(error) } : { outcome: 'connected' as const, address: addressText(connectedAt) }
    }
  }

  #source ({ stage, askedAt, endedAt, leftAt, addresses, error, notAsked }: SourceStory): TraceSource {
    // a source that its run did not wait for any more, as after a timeout(). At the end of the dial itself the source is awaited still
    const until = endedAt ?? (leftAt == null || leftAt >= (this.#record.endedAt ?? Infinity) ? undefined : leftAt)

    return {
      stage,
      askedAt: this.#after(askedAt),
      ...until == null ? {} : { endedAt: this.#after(until) },
      ...endedAt == null ? { isAwaited: true } : {},
      addresses,
      ...error == null ? {} : { error: traceError(error) },
      ...notAsked == null ? {} : { notAsked }
    }
  }

  #candidate (story: AddressStory): TraceCandidate {
    const { candidate: { id, facts: { transport }, provenance }, foundBy, position, attempts } = story
    const shown = Math.min(attempts.length, TRACE_CAPS.attemptsOfCandidate, this.#attemptsLeft)
    this.#attemptsLeft -= shown
    this.#omitted.attempts += attempts.length - shown

    return {
      address: safeText(id, TRACE_CAPS.addressText),
      ...transport === 'other' ? {} : { transport },
      provenance: sourcesIn(provenance),
      ...foundBy == null ? {} : { source: foundBy },
      verdicts: this.#verdicts(story),
      ...position == null ? {} : { position },
      attempts: attempts.slice(attempts.length - shown).map(one => this.#attempt(one))
    }
  }

  #verdicts ({ candidate: { id }, dropped, expanded, position, attempts }: AddressStory): TraceVerdict[] {
    const holder = dropped == null && expanded == null && position == null && attempts.length === 0 ? this.#record.held?.get(id) : undefined

    return [
      ...expanded == null ? [] : [{ stage: expanded.stage, verdict: 'expanded' as const, into: expanded.into.slice(0, TRACE_CAPS.into).map(one => safeText(one, TRACE_CAPS.addressText)) }],
      ...dropped == null ? [] : [{ stage: dropped.stage, verdict: 'dropped' as const, reason: safeText(dropped.reason, TRACE_CAPS.reasonText) }],
      ...holder == null ? [] : [{ stage: holder, verdict: 'held' as const }]
    ]
  }

  #attempt (attempt: AttemptStory): TraceAttempt {
    const { requestedAt, startedAt, isInLayer, isAtGater, error = attempt.refusal } = attempt
    const outcome = this.#outcomeOf(attempt)
    // a cancelled attempt may end a moment after its dial
    const endedAt = attempt.endedAt ?? (outcome === 'cancelled' ? this.#record.endedAt : undefined)

    return {
      plannedAt: this.#after(requestedAt),
      ...startedAt == null ? {} : { startedAt: this.#after(startedAt) },
      ...isInLayer === true ? { isInLayer } : {},
      ...isAtGater === true ? { isAtGater } : {},
      marks: this.#marks(attempt),
      ...endedAt == null ? {} : { endedAt: this.#after(endedAt) },
      outcome,
      ...error == null ? {} : { error: withCode(traceError(error), error) }
    }
  }

  #outcomeOf ({ result, startedAt, refusal }: AttemptStory): TraceAttempt['outcome'] {
    if (result == null) {
      return this.#record.endedAt != null ? 'cancelled' : startedAt == null ? 'waiting' : 'in flight'
    }

    return result === 'connected' && refusal != null ? 'rejected' : result
  }

  #marks ({ firstResponseAt, openedAt, encryptedAt, endedAt, result }: AttemptStory): TraceMark[] {
    const marks = { answered: firstResponseAt, opened: openedAt, encrypted: encryptedAt, muxed: result === 'connected' && encryptedAt != null ? endedAt : undefined }

    return Object.entries(marks).flatMap(([name, at]) => at == null ? [] : [{ name: name as keyof typeof marks, at: this.#after(at) }]).toSorted((a, b) => a.at - b.at)
  }

  /** Returns milliseconds after the start of the dial, rounded to microseconds */
  #after (time: number): number {
    return Math.round((time - this.#record.startedAt) * 1_000) / 1_000
  }

  #some<T> (what: keyof TraceOmissions, all: readonly T[], max: number): readonly T[] {
    this.#omitted[what] += Math.max(0, all.length - max)

    return all.slice(0, max)
  }

  #omissions (): { omitted?: TraceOmissions } {
    const counts = Object.entries(this.#omitted).filter(([, count]) => count > 0)

    return counts.length === 0 ? {} : { omitted: Object.fromEntries(counts) }
  }
}

function addressText (address: { toString (): string }): string {
  return safeText(address.toString(), TRACE_CAPS.addressText)
}

function safeConnection ({ id, address, isLimited, encryption, multiplexer }: RecordedConnection): TraceConnection {
  return {
    id,
    address: addressText(address),
    ...isLimited ? { isLimited } : {},
    ...encryption == null ? {} : { encryption },
    ...multiplexer == null ? {} : { multiplexer }
  }
}

function sourcesIn (provenance: ReadonlyArray<{ readonly source: Source }>): string[] {
  return [...new Set(provenance.map(({ source }) => source))].slice(0, TRACE_CAPS.provenance).map(source => safeText(source, TRACE_CAPS.reasonText))
}

/** Returns the addresses that a trace shows, in race order. When there are too many, connected ones are kept first, then attempted ones */
export function shownOf (addresses: readonly AddressStory[]): readonly AddressStory[] {
  const all = inOrder(addresses)

  if (all.length <= TRACE_CAPS.candidates) {
    return all
  }

  const shown = new Set(all.toSorted((a, b) => displayRankOf(a) - displayRankOf(b)).slice(0, TRACE_CAPS.candidates))

  return all.filter(one => shown.has(one))
}

function displayRankOf ({ attempts }: AddressStory): number {
  return attempts.some(({ result }) => result === 'connected') ? 0 : attempts.length > 0 ? 1 : 2
}

/** Returns the addresses of the race in its order, then the others in the order in which they were found */
function inOrder (addresses: readonly AddressStory[]): AddressStory[] {
  return addresses.toSorted((a, b) => (a.position ?? Infinity) === (b.position ?? Infinity) ? 0 : (a.position ?? Infinity) - (b.position ?? Infinity))
}
