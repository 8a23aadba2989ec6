import test from 'ava'
import { hold } from '../../../src/pipeline/authoring/pace.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { cands, dialled, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = cands(1, 2, 3, 4) as [Candidate, Candidate, Candidate, Candidate]
const later = (one: Candidate, ms: number) => hold('later', race => candidate => candidate === one ? race.firstStart + ms : 0)

test('a held candidate starts later, and the others keep their pace', async t => {
  const trial = tryOut(t, pipeline(later(b, 1_000), race()))
  trial.give({ candidates: [a, b, c] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @250', '2 @1000'])
})

test('holds around a nested pipeline apply inside it', async t => {
  const trial = tryOut(t, pipeline(later(b, 1_000), pipeline(later(c, 500), race())))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '4 @250', '3 @500', '2 @1000'])
})

test('the candidate held least starts first, then the first in the list', async t => {
  const trial = tryOut(t, pipeline(stagger(100), hold('some', race => candidate => candidate === a ? race.startedAt + 50 : candidate === b ? race.startedAt + 20 : 0), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['3 @0', '4 @100', '2 @200', '1 @300'])
})

test('a finite hold is waited for when nothing is in flight and the list is incomplete', async t => {
  const trial = tryOut(t, pipeline(hold('all', race => race.startedAt + 300), race()))
  trial.give({ candidates: [a], complete: false })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @300'])
})

test('a hold of Infinity is not waited for when nothing is in flight', async t => {
  const trial = tryOut(t, pipeline(hold('all', () => Infinity), race()))
  trial.give({ candidates: [a, b], complete: false })
  await trial.settle()
  t.deepEqual(dialled(trial), ['1 @0'])
})

test('no hold is waited for when nothing is in flight and the list is complete', async t => {
  const trial = tryOut(t, pipeline(hold('all', race => race.startedAt + 300), race()))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(dialled(trial), ['1 @0'])
})
