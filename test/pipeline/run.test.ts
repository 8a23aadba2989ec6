import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { expand } from '../../src/pipeline/expand.ts'
import { fallback } from '../../src/pipeline/fallback.ts'
import { filter } from '../../src/pipeline/filter.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { retry } from '../../src/pipeline/retry.ts'
import { source } from '../../src/pipeline/source.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { timeout } from '../../src/pipeline/timeout.ts'
import { race } from '../../src/stages/race.ts'
import { take } from '../../src/stages/take.ts'
import { cand, dialled, reason, said, tryOut } from '../testing/try-out.ts'

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

test('a name that is spent when it is resolved, because its address has failed already, is told to those above', async t => {
  const name = cand('/dnsaddr/peer.example')
  const seen: string[] = []
  const watch = stage({
    name: 'watch',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (source, dial) {
      for await (const list of source) {
        seen.push(list.candidates.map(one => dial.spent(one) ? 'spent' : 'not').join(' '))
        yield list
      }
    }
  })
  const trial = tryOut(t, pipeline(watch, expand('slow', (one, { clock, signal }) => one === name ? sleep(100, clock, signal).then(() => [a]) : [one]), race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [name, a] })
  await trial.rest()

  t.deepEqual(seen, ['not not', 'not spent', 'spent spent'])
  t.true(trial.ended)
})

test('of two stages of one name each takes back what it has said itself', async t => {
  const trial = tryOut(t, pipeline(take(1), source('again', () => [b.multiaddr]), take(2)))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
  t.is(reason(trial, b), 'not among the first 1')
  trial.give({ candidates: [b, a] })
  await trial.settle()
  t.is(reason(trial, b), undefined)
  t.is(reason(trial, a), 'not among the first 1')
})

test('what the first of two pipelines has dropped is not spent for the second', async t => {
  let asked = 0
  const lookup = source('lookup', async function * () {
    asked++
    yield c.multiaddr
  }, { when: 'exhausted' })
  const trial = tryOut(t, fallback(pipeline(filter('none', () => false), race()), pipeline(lookup, race())))
  trial.script([a], { refuses: 100 })
  trial.script([c], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(99)
  t.is(asked, 0)
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '3 @100'])
})
