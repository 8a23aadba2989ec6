import { all, expect } from '../rule.ts'
import { outcomeOf, show } from './look.ts'
import type { Bench } from '../bench.ts'

async function answersEveryRevision (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  await outcomeOf(trial)
  expect(!trial.ended, 'it ended before its source')
  const before = trial.outputs.length
  trial.target.raise()
  await trial.settle()
  trial.checkAlive()
  expect(trial.outputs.length > before, 'it yielded nothing when it was given the same candidates in a list of a new revision')
  await trial.rest()
  expect(trial.last?.value.revision === trial.revision, `its newest list is of revision ${trial.last?.value.revision} when it was asked again at ${trial.revision}`)
  expect(!trial.ended, 'it ended before its source')
}

async function answersWhileItWorks (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  trial.target.raise()
  await outcomeOf(trial)
  expect(trial.last?.value.revision === trial.revision, `its newest list is of revision ${trial.last?.value.revision}, though it was asked again at ${trial.revision} while it was at work`)
}

async function endsWithItsSource (bench: Bench): Promise<void> {
  const quiet = bench.begin()
  quiet.upstream.end()
  await quiet.rest()
  quiet.checkAlive()
  expect(quiet.ended, 'it did not end when its source ended without a list')

  const open = bench.begin()
  open.give({ candidates: bench.candidates })
  await outcomeOf(open)
  const ended = bench.begin()
  ended.give({ candidates: bench.candidates })
  ended.upstream.end()
  await outcomeOf(ended)
  expect(ended.ended, 'it did not end when its source had')
  expect(bench.fixture.revises === true || ended.ids.join() === open.ids.join(), `it ended with its source before it had said everything: its last list is ${show(ended.ids)} and not ${show(open.ids)}`)
}

export const askedAgain = all(answersEveryRevision, answersWhileItWorks, endsWithItsSource)
