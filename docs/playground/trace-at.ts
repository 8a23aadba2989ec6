import type { DialTrace, TraceAttempt, TraceSource } from '../../src/trace/types.ts'

/** Returns a trace as it was `time` milliseconds after the start of the dial. Verdicts stay, because they have no time */
export function traceAt (trace: DialTrace, time: number): DialTrace {
  const by = (moment: number | undefined): number | undefined => moment != null && moment <= time ? moment : undefined
  const settledAt = by(trace.settledAt)
  const endedAt = by(trace.endedAt)
  const isOver = settledAt != null || endedAt != null

  return {
    ...trace,
    settledAt,
    endedAt,
    madeAt: isOver ? undefined : time,
    outcome: isOver ? trace.outcome : 'running',
    connection: isOver ? trace.connection : undefined,
    error: isOver ? trace.error : undefined,
    awaited: isOver ? trace.awaited : [],
    callers: trace.callers.filter(({ at }) => at <= time).map(caller => by(caller.endedAt) != null ? caller : { at: caller.at, addresses: caller.addresses }),
    sources: trace.sources.filter(({ askedAt }) => askedAt <= time).map(sourceAt),
    candidates: trace.candidates.map(candidate => ({ ...candidate, attempts: candidate.attempts.filter(({ plannedAt }) => plannedAt <= time).map(attemptAt) }))
  }

  function sourceAt (source: TraceSource): TraceSource {
    return source.endedAt == null || source.endedAt <= time ? source : { ...source, endedAt: undefined, error: undefined, isAwaited: true }
  }

  function attemptAt (attempt: TraceAttempt): TraceAttempt {
    const startedAt = by(attempt.startedAt)
    const hasEnded = by(attempt.endedAt) != null

    return {
      ...attempt,
      startedAt,
      endedAt: by(attempt.endedAt),
      marks: attempt.marks.filter(({ at }) => at <= time),
      outcome: hasEnded ? attempt.outcome : startedAt == null ? 'waiting' : 'in flight',
      error: hasEnded ? attempt.error : undefined
    }
  }
}
