import { expect } from '../rule.ts'
import { outcomeOf } from './look.ts'
import type { Bench } from '../bench.ts'
import type { Trial } from '../trial.ts'
import type { Candidate } from '../../../pipeline/types.ts'

/** Every address has a story, and the newest list is what it says */
export async function verdicts (bench: Bench): Promise<void> {
  if (bench.from !== 'candidates') {
    return
  }

  const { name } = bench.make()
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  const { value } = await outcomeOf(trial)

  // until then it may not have decided
  if (value.complete !== true) {
    return
  }

  bench.candidates.forEach(one => { checkStory(trial, name, one) })

  // a dropped address may be one that stays when others are gone
  for (const one of bench.candidates) {
    trial.give({ candidates: [one] })
    await outcomeOf(trial)
    checkStory(trial, name, one)
  }
}

function checkStory (trial: Trial, name: string, candidate: Candidate): void {
  const story = trial.host.story.addresses.get(candidate.id)

  if (trial.ids.includes(candidate.id)) {
    // within a pipeline, what one stage has dropped may be given again by another
    expect(story?.dropped?.stage !== name, `it yielded ${candidate.id}, of which it had said that it was dropped: ${String(story?.dropped?.reason)}`)
    return
  }

  expect(story?.dropped != null || story?.expanded != null, `it dropped ${candidate.id} without a verdict`)
  expect(story.dropped?.reason !== '', `it dropped ${candidate.id} without a reason`)
}
