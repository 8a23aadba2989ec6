import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { expand } from '../../../src/pipeline/authoring/expand.ts'
import { fallback } from '../../../src/pipeline/combinators/fallback.ts'
import { retry } from '../../../src/pipeline/combinators/retry.ts'
import { timeout } from '../../../src/pipeline/combinators/timeout.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { race } from '../../../src/stages/race.ts'
import { take } from '../../../src/stages/take.ts'
import { cand, dialled, reason, tryOut } from '../../testing/try-out.ts'
import type { Stage, Timer } from '../../../src/pipeline/types.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]
const picky = filter('picky', one => one !== b || 'not that one')

for (const [name, whole] of Object.entries({
  'a race': pipeline(picky, race()),
  'a pipeline': pipeline(pipeline(picky, race())),
  'a fallback': fallback(pipeline(picky, race())),
  'a timeout': timeout(1_000, pipeline(picky, race())),
  'a retry': retry(pipeline(picky, race()), { retries: 0 })
})) {
  test(`a candidate dropped above ${name} stays dropped when the stage is asked again`, async t => {
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

test('after all attempts failed, the stages are asked a last time from top to bottom', async t => {
  const seen: string[] = []
  const watch = (name: string): Stage => stage(name, dial => ({ candidates, last }) => {
    seen.push(`${name} ${candidates.filter(one => dial.tried(one)).length}${last ? ' last' : ''}`)

    return candidates
  })
  const trial = tryOut(t, pipeline(watch('upper'), filter('some', one => one !== b), watch('lower'), race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.deepEqual(seen, ['upper 0', 'lower 0', 'upper 1', 'lower 1', 'upper 1 last', 'lower 1 last'])
  t.true(trial.ended)
})

test('work that a stage adds on the last call is awaited before the next stages hear it', async t => {
  const seen: string[] = []
  const slow = stage('slow', (_dial, work) => {
    let open: Timer | undefined

    return ({ candidates, last }) => {
      if (last) {
        open ??= work.after(100)
      }

      return candidates
    }
  })
  const trial = tryOut(t, pipeline(slow, stage('below', ({ clock }) => ({ candidates, complete, last }) => {
    seen.push(`${trial.since(clock.now())} ${complete ? 'complete' : '…'}${last ? ' last' : ''}`)

    return candidates
  }), race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()

  t.deepEqual(seen, ['0 complete', '10 complete', '10 …', '110 complete', '110 complete last'])
  t.true(trial.ended)
})

test('there is no last call when there is a connection', async t => {
  const seen: boolean[] = []
  const trial = tryOut(t, pipeline(stage('watch', () => ({ candidates, last }) => {
    seen.push(last)

    return candidates
  }), race()))
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.true(trial.ended)
  t.false(seen.includes(true))
})

test('a drop is recorded under the name of its stage', async t => {
  const trial = tryOut(t, pipeline(filter('first', one => one === a), filter('second', () => 'not at all')))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(trial.host.story.of(b).dropped?.stage, 'first')
  t.is(trial.host.story.of(a).dropped?.stage, 'second')
})

test('a name that resolves to a failed address is not dialled again, and the last call follows', async t => {
  const name = cand('/dnsaddr/peer.example')
  const trial = tryOut(t, pipeline(
    source('further', () => [c.multiaddr], { when: 'exhausted' }),
    expand('slow', (one, { clock, signal }) => one === name ? sleep(100, clock, signal).then(() => [a]) : [one]),
    race()
  ))
  trial.script([a, c], { refuses: 10 })
  trial.give({ candidates: [name, a] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '3 @100'])
  t.true(trial.ended)
})

test('a candidate that one stage drops and a later one adds does not count as dropped', async t => {
  const trial = tryOut(t, pipeline(take(1), source('again', () => [b.multiaddr]), race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(250)
  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.is(reason(trial, b), undefined)
})

test('a candidate that the first alternative dropped is tried by the second before its source looks further', async t => {
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
