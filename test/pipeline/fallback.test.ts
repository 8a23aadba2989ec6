import test from 'ava'
import { fallback } from '../../src/pipeline/fallback.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { order } from '../../src/pipeline/rank.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { timeout } from '../../src/pipeline/timeout.ts'
import { certified } from '../../src/stages/certified.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, dialled, tryOut, winners } from '../testing/try-out.ts'

const [a, b, c] = [cand(1, { isCertified: true }), cand(2), cand(3)]
const strict = pipeline(certified(), race())
const loose = pipeline(stagger(50), race())

test('accepts what all of them accept', t => {
  t.deepEqual(fallback(strict, race()).accepts, { candidates: true })
  t.deepEqual(fallback(pipeline(fromCaller(), race()), race()).accepts as object, { candidates: true })
  t.deepEqual(fallback(pipeline(fromCaller(), race())).accepts, { target: true, candidates: true })
})

test('reads the options of all', t => {
  const reads = (option: string): typeof strict => pipeline(stage({ name: 'reads', accepts: ['candidates'], yields: 'candidates', options: [option], run: source => source }), race()) as any
  t.deepEqual(fallback(reads('a'), reads('b')).options, ['a', 'b'])
})

test('the next runs when the one before gave no connection, and dials nothing twice', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  trial.script([a, b], { refuses: 100 })
  trial.script([c], { connects: 100 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @150'])
  t.is(winners(trial), '3')
  t.true(trial.ended)
})

test('the next does not run when the one before has connected', async t => {
  let ran = false
  const trial = tryOut(t, fallback(strict, stage({
    name: 'never',
    accepts: ['candidates'],
    yields: 'connections',
    run: source => {
      ran = true
      return source as AsyncIterable<never>
    }
  })))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.true(trial.ended)
  t.is(trial.outputs.length, 1)
  t.false(ran)
})

test('the next begins with the newest list, and goes on with what comes', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  trial.script([a, b], { refuses: 100 })
  trial.script([c], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.give({ candidates: [a, b] })
  await trial.pass(60)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.is(trial.outputs.length, 1)
})

test('when none connects it ends', async t => {
  const trial = tryOut(t, fallback(strict, loose, race()))
  trial.script([a, b, c], { refuses: 10 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20'])
  t.true(trial.ended)
  t.is(trial.outputs.length, 0)
})

test('what was dropped by the one may pass in the other', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0'])
  t.is(trial.host.story.of(b).dropped, undefined)
})

test('one that is broken fails the dial: the next is for those that gave no connection', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, fallback(pipeline(order('broken', () => { throw error }), race()), loose))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

test('one whose time is over makes way, and leaves nothing running', async t => {
  const trial = tryOut(t, fallback(timeout(500, strict), loose))
  trial.script([b], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.pass(500)
  t.true(trial.host.attempts[0]?.signal.aborted)
  await trial.rest()

  // a was cancelled, and may be tried again
  t.deepEqual(dialled(trial).slice(0, 3), ['1 @0', '1 @500', '2 @550'])
  t.is(trial.outputs.length, 1)
})

test('goes on with the connections of the one that has connected', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  const [d, e] = [cand(4), cand(5)]
  trial.script([d], { connects: 300 })
  trial.script([e], { connects: 10 })
  trial.give({ candidates: [d, e] })
  await trial.rest()
  t.is(winners(trial), '5 4')
})
