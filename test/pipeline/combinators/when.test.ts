import test from 'ava'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { when } from '../../../src/pipeline/combinators/when.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { cand, said, tryOut } from '../../testing/try-out.ts'
import type { Dial } from '../../../src/pipeline/types.ts'

const [a, b] = [cand(1, { isCertified: true }), cand(2)]
const isForced = (dial: Dial): boolean => dial.options.force === true

test('when() applies its stage only to dials for which the predicate is true', async t => {
  for (const [force, expected] of [[true, '1'], [false, '1 2']] as const) {
    const trial = tryOut(t, when(isForced, certified()), { options: { force } })
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.deepEqual(said(trial), [expected])
  }
})

test('when() keeps the stage\'s name, inputs, output and options', t => {
  for (const stage of [certified(), fromCaller()]) {
    const { name, accepts, yields, options } = when(isForced, stage as ReturnType<typeof certified>)
    t.deepEqual({ name, accepts, yields, options }, { name: stage.name, accepts: stage.accepts, yields: stage.yields, options: stage.options } as any)
  }
})

test('when() around a skipped source starts with an empty list', async t => {
  const trial = tryOut(t, when(() => false, fromCaller()), { from: 'target' })
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), [''])
  t.true(trial.last?.value.complete)
})

test('when() is asked once in a dial', async t => {
  let asked = 0
  const trial = tryOut(t, pipeline(when(() => ++asked % 2 === 1, certified())))
  trial.give({ candidates: [a, b] })
  trial.target.invalidate()
  await trial.settle()
  t.is(asked, 1)
  t.deepEqual(said(trial), ['1'])
})
