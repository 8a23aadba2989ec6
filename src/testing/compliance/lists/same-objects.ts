import { candidate as toCandidate } from '../../../pipeline/candidate.ts'
import { expect } from '../rule.ts'
import { PEER } from '../samples.ts'
import { outcomeOf, says } from './look.ts'
import type { Bench } from '../bench.ts'
import type { Candidate } from '../../../pipeline/types.ts'

/** Memos are keyed by the object, attempts and outcomes by the identity */
export async function sameObjects (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  await trial.rest()
  trial.target.raise()
  await outcomeOf(trial)
  const known = new Map<string, Candidate>()

  if (bench.from === 'candidates') {
    bench.candidates.forEach(one => known.set(says(one), one))
  }

  for (const one of trial.outputs.flatMap(({ candidates }) => candidates)) {
    expect(Object.isFrozen(one), `it yielded ${one.id} as an object that is not frozen`)
    expect(one.id === toCandidate(one.multiaddr, PEER).id, `it yielded ${one.id} as the identity of ${one.multiaddr.toString()}`)
    const same = known.get(says(one)) ?? one
    expect(same === one, `it yielded ${one.id} as another object that says the same`)
    known.set(says(one), one)
  }
}
