import test from 'ava'
import { fallback, pipeline, retry, timeout } from '../../src/pipeline/index.ts'
import { converge } from '../../src/stages/converge.ts'
import { race } from '../../src/stages/race.ts'
import { take } from '../../src/stages/take.ts'
import { verify } from '../../src/stages/verify.ts'
import { cand, runStage, winners } from '../testing/try-out.ts'
import { hangs, isTidy, outcomesOf, refuses } from './connection-checks.ts'

const [a, b] = [cand(1), cand(2)]

test('verify() in a nested pipeline of connections applies to the race above it', async t => {
  const trial = await runStage(t, pipeline(race(), pipeline(verify(refuses(0, '1')), converge({ linger: 0 }))), [a, b], { script: { connects: 100 } })
  t.is(winners(trial), '2')
})

test('verify() does not apply to the next alternative of fallback()', async t => {
  const trial = await runStage(t, fallback(pipeline(take(1), race(), verify(() => false)), race()), [a, b], { script: { connects: 100 } })
  // the fallback has no check
  t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id} @100`, '1 connected @200'])
  t.is(winners(trial), '1')
})

test('an alternative with the same check does not dial a refused address again', async t => {
  const strict = verify(() => false)
  const trial = await runStage(t, fallback(pipeline(race(), strict), pipeline(race(), pipeline(strict, converge())), race()), [a], { script: { connects: 100 } })
  t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id} @100`, '1 connected @200'])
})

test('a refused address is dialled again only in an alternative without the check that refused it', async t => {
  const [known, member] = [verify(() => true), verify(() => 'not a member')]
  const trial = await runStage(t, fallback(pipeline(race(), member, known), pipeline(race(), member), pipeline(race(), known)), [a], { script: { connects: 100 } })
  t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id}: not a member @100`, '1 connected @200'])
})

test('a check below fallback() refuses an address for all alternatives', async t => {
  const trial = await runStage(t, pipeline(fallback(race(), race()), verify(() => false)), [a], { script: { connects: 100 } })
  t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id} @100`])
})

test('a check below a combinator applies to each race in it', async t => {
  for (const inner of [fallback(pipeline(race()), race()), timeout(10_000, race()), retry(race(), { delay: 100 }), pipeline(race())]) {
    const trial = await runStage(t, pipeline(inner, verify(refuses(10, '1'))), [a, b], { script: { connects: 100 } })
    t.is(winners(trial), '2', inner.name)
    t.is(trial.network.open.length, 1)
  }
})

test('retry() repeats a pipeline when the check failed, and not when it refused', async t => {
  for (const [check, tries] of [[() => 'of another fleet', 1], [() => { throw new Error('The database is down') }, 2]] as const) {
    const trial = await runStage(t, retry(pipeline(race(), verify(check)), { delay: 100 }), [a], { script: { connects: 100 } })
    t.is(trial.network.attempts.length, tries)
    t.true(await isTidy(trial))
  }
})

test('timeout() runs until a connection is verified', async t => {
  const trial = await runStage(t, timeout(500, pipeline(race(), verify(hangs))), [a], { script: { connects: 100 }, ms: 500 })

  t.true(trial.ended)
  t.deepEqual(trial.network.open, [])
  t.true(await isTidy(trial))
})
