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

  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  const { value } = await outcomeOf(trial)

  // until then it may not have decided
  if (value.complete !== true) {
    return
  }

  bench.candidates.forEach(one => { checkStory(trial, one) })

  // a dropped address may be one that stays when others are gone
  for (const one of bench.candidates) {
    trial.give({ candidates: [one] })
    await outcomeOf(trial)
    checkStory(trial, one)
  }
}

function checkStory (trial: Trial, candidate: Candidate): void {
  const story = trial.host.story.addresses.get(candidate.id)

  if (trial.ids.includes(candidate.id)) {
    expect(story?.dropped == null, `it yielded ${candidate.id}, of which it had said that it was dropped: ${story?.dropped?.reason}`)
    return
  }

  expect(story?.dropped != null || story?.expanded != null, `it dropped ${candidate.id} without a verdict`)
  expect(story.dropped?.reason !== '', `it dropped ${candidate.id} without a reason`)
}
