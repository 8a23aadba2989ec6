import { attemptsIn, ms } from '../trace/outcome.ts'
import type { DialTrace } from '../trace/types.ts'

/** Returns the result, duration and number of attempts of a dial */
export function summaryOf (trace: DialTrace | undefined): [result: string, time: string, attempts: string] {
  if (trace == null) {
    return ['refused', '', '']
  }

  const { outcome, settledAt, endedAt } = trace
  const time = settledAt ?? endedAt

  return [outcome, time == null ? '' : ms(time), String(attemptsIn(trace))]
}
