import test from 'ava'
import { fallback } from '../../src/pipeline/fallback.ts'
import { filter } from '../../src/pipeline/filter.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { retry } from '../../src/pipeline/retry.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { timeout } from '../../src/pipeline/timeout.ts'
import { race } from '../../src/stages/race.ts'
import { cand, dialled, reason, tryOut } from '../testing/try-out.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]
const picky = filter('picky', one => one !== b || 'not that one')

for (const [name, whole] of Object.entries({
  'a race': pipeline(picky, race()),
  'a pipeline': pipeline(pipeline(picky, race())),
  'a fallback': fallback(pipeline(picky, race())),
  'a timeout': timeout(1_000, pipeline(picky, race())),
  'a retry': retry(pipeline(picky, race()), { retries: 0 })
})) {
  test(`what a stage above ${name} has dropped stays dropped when it is asked again`, async t => {
    const trial = tryOut(t, whole)
    trial.script([a], { refuses: 10 })
    trial.script([c], { refuses: 10 })
    trial.give({ candidates: [a, b, c] })
    await trial.rest()

    t.deepEqual(dialled(trial), ['1 @0', '3 @10'])
    t.is(reason(trial, b), 'not that one')
    t.true(trial.ended)
  })
}

test('when a complete list is wholly spent, the stages above are asked once more', async t => {
  const seen: boolean[] = []
  const watch = stage({
    name: 'watch',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (source, dial) {
      for await (const list of source) {
        seen.push(list.candidates.every(one => dial.spent(one)))
        yield list
      }
    }
  })
  const trial = tryOut(t, pipeline(watch, filter('none', () => false), race()))
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.deepEqual(seen, [false, true])
  t.true(trial.ended)
})

test('each stage is given the dial under its own name', async t => {
  const trial = tryOut(t, pipeline(filter('first', one => one === a), filter('second', () => 'not at all')))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(trial.host.story.of(b).dropped?.stage, 'first')
  t.is(trial.host.story.of(a).dropped?.stage, 'second')
})
