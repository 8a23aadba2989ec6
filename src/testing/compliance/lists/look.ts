import { expect } from '../rule.ts'
import type { Output, Trial } from '../trial.ts'
import type { Candidate } from '../../../pipeline/types.ts'

/** What a candidate says, so that two can be compared */
export function says ({ id, multiaddr, isCertified, provenance, ...rest }: Candidate): string {
  return JSON.stringify([id, multiaddr.toString(), isCertified, provenance, rest], (_key, value) => typeof value === 'bigint' ? `${value}n` : value)
}

export function names (candidates: readonly Candidate[]): string {
  return show(candidates.map(({ id }) => id))
}

/** Addresses without the peer that all of them are of */
export function show (ids: readonly string[]): string {
  return ids.length === 0 ? 'nothing' : ids.map(id => id.replace(/\/p2p\/[^/]+$/, '')).join(', ')
}

/** The newest list of a stage that has had time for everything */
export async function outcomeOf (trial: Trial): Promise<Output> {
  await trial.rest()
  trial.checkAlive()
  const { last } = trial
  expect(last != null, 'it was given a list and yielded none')

  return last
}

/** Makes every candidate that the trial was given an attempted one, as a race does */
export async function failAll (trial: Trial, candidates: readonly Candidate[]): Promise<void> {
  for (const candidate of candidates) {
    trial.network.script(candidate.multiaddr.toString(), { refuses: 0 })
    const attempt = trial.dial.attempt(candidate, { signal: new AbortController().signal }).catch(() => {})
    await trial.pass(0)
    await attempt
  }

  await trial.rest()
}
