import type { DialTrace } from '../../src/trace/types.ts'

/** Returns what came of a dial, in a line */
export function summaryOf (trace: DialTrace): string {
  const attempts = attemptsOf(trace)
  const tried = `${attempts} attempt${attempts === 1 ? '' : 's'}`

  return trace.outcome === 'connected'
    ? `Connected after ${ms(trace.settledAt)} with ${tried}`
    : trace.outcome === 'running' ? `Running, ${tried}` : `Failed after ${ms(trace.settledAt ?? trace.endedAt)} with ${tried}`
}

/** Returns which of two dials is better, and by how much */
export function compare (a: DialTrace, b: DialTrace): string {
  const [first, second] = [a, b].map(({ outcome, settledAt }) => outcome === 'connected' ? settledAt ?? Infinity : Infinity) as [number, number]
  const difference = Math.round(Math.abs(first - second))

  if (first === second) {
    return first === Infinity ? 'Neither connects.' : `Both connect at the same time. ${attempts()}`
  }

  const sooner = first < second ? 'A' : 'B'

  return Number.isFinite(difference) ? difference < 1 ? `Both connect at the same time. ${attempts()}` : `${sooner} connects ${ms(difference)} sooner. ${attempts()}` : `Only ${sooner} connects. ${attempts()}`

  function attempts (): string {
    return `Attempts: A ${attemptsOf(a)}, B ${attemptsOf(b)}.`
  }
}

function attemptsOf ({ candidates }: DialTrace): number {
  return candidates.reduce((sum, { attempts }) => sum + attempts.filter(({ startedAt }) => startedAt != null).length, 0)
}

function ms (time = 0): string {
  return `${Math.round(time).toLocaleString('en')} ms`
}
