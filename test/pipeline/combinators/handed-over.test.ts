import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { fallback, pipeline, retry, timeout } from '../../../src/pipeline/index.ts'
import { hold } from '../../../src/pipeline/authoring/pace.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { hangs, passesOnAfter } from '../../stages/connection-checks.ts'
import { cand, dialled, tryOut, winners } from '../../testing/try-out.ts'

const [a, b] = [cand(1), cand(2)]
const later = hold('later', ({ firstStart }) => firstStart + 1_000)

test('an attempt goes on in the next alternative when the check of its connection stands below the fallback()', async t => {
  const trial = tryOut(t, pipeline(fallback(timeout(300, race()), pipeline(later, race())), verify(() => true)))
  trial.script([a], { connects: 400 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.is(winners(trial), '1')
  t.is(trial.outputs[0]?.at, 400)
  t.is(trial.host.discarded.size, 0)
})

test('an address is dialled again when its attempt without the check has connected before', async t => {
  const late = stage('late', (_dial, work) => {
    const open = work.after(500)

    return ({ candidates }) => open.done ? candidates : []
  })
  const trial = tryOut(t, fallback(timeout(500, race()), pipeline(late, race(), verify(() => true))))
  trial.script([a], { connects: 700 })
  trial.give({ candidates: [a] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '1 @1000'])
  t.is(winners(trial), '1')
  t.is(trial.network.open.length, 1)
})

test('an address is dialled again when the check of its connection was not over at the end of the earlier alternative', async t => {
  const trial = tryOut(t, fallback(timeout(500, pipeline(race(), passesOnAfter(1_000))), race()))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '1 @500'])
  t.is(winners(trial), '1')
})

test('a failure counts in the run of retry() that has taken over the attempt', async t => {
  const trial = tryOut(t, fallback(retry(timeout(500, race()), { delay: 100 }), race()))
  trial.script([a], { refuses: 700 })
  trial.give({ candidates: [a] })
  await trial.pass(1_000)

  t.deepEqual(dialled(trial), ['1 @0'])
})

test('an attempt is not taken over by an alternative without its check', async t => {
  for (const connects of [100, 700]) {
    const trial = tryOut(t, fallback(timeout(500, pipeline(race(), verify(hangs))), race()))
    trial.script([a], { connects })
    trial.give({ candidates: [a] })
    await trial.rest()

    t.is(winners(trial), '1')
    t.is(trial.outputs[0]?.at, 500 + connects)
    t.is(trial.network.open.length, 1)
  }
})
