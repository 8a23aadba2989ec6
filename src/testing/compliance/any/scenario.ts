import { connectionTo } from '../settling/connection.ts'
import type { Bench } from '../bench.ts'
import type { Trial } from '../trial.ts'

/** A stage's ordinary life: it is given something, then more, then asked again */
export async function live (bench: Bench, trial: Trial): Promise<void> {
  const { candidates } = bench
  const [first, second, ...others] = candidates

  if (bench.from === 'connections') {
    trial.upstream.give(await connectionTo(trial, first))
    await trial.pass(100)
    trial.upstream.give(await connectionTo(trial, second))
    await trial.rest()
    return
  }

  trial.script(candidates, { connects: 500 })
  trial.script(candidates.slice(0, 2), { refuses: 50 })
  trial.give({ candidates: candidates.slice(0, 2), complete: false })
  await trial.pass(1_000)
  trial.give({ candidates: [...others, ...candidates.slice(0, 2)] })
  await trial.rest()
  trial.target.raise()
  await trial.rest()
}

/** What was seen of it, for comparison */
export function recordOf (trial: Trial): string {
  const outputs = trial.outputs.map(({ at, value, candidates }) => [at, value?.complete, value?.revision, value?.remoteAddr?.toString(), ...candidates.map(({ id }) => id)].join(' '))
  const attempts = trial.host.attempts.map(({ candidate, startedAt, endedAt }) => `${candidate.id} ${startedAt} ${endedAt}`)

  return [...outputs, ...attempts, trial.ended ? 'ended' : 'open', String(trial.failure?.error ?? '')].join('\n')
}
