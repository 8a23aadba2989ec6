import { attemptsIn, count } from '../../src/trace/outcome.ts'
import type { DialTrace } from '../../src/trace/types.ts'

/** Returns the result of a dial in one line */
export function summaryOf (trace: DialTrace): string {
  const tried = count(attemptsIn(trace), 'attempt')

  return trace.outcome === 'connected'
    ? `Connected after ${ms(trace.settledAt)} with ${tried}`
    : trace.outcome === 'running' ? `Running, ${tried}` : `Failed after ${ms(trace.settledAt ?? trace.endedAt)} with ${tried}`
}

/** Says which of two dials is better, and by how much */
export function compare (a: DialTrace, b: DialTrace): string {
  const [first, second] = [a, b].map(({ outcome, settledAt }) => outcome === 'connected' ? settledAt ?? Infinity : Infinity) as [number, number]
  const sooner = first < second ? 'A' : 'B'
  const difference = Math.abs(first - second)
  const attempts = `Attempts: A ${attemptsIn(a)}, B ${attemptsIn(b)}.`

  if (first === Infinity && second === Infinity) {
    return 'Neither connects.'
  }

  if (difference === Infinity) {
    return `Only ${sooner} connects. ${attempts}`
  }

  return difference < 0.5 ? `Both connect at the same time. ${attempts}` : `${sooner} connects ${ms(difference)} sooner. ${attempts}`
}

function ms (time = 0): string {
  return `${Math.round(time).toLocaleString('en')} ms`
}
