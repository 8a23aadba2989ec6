import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { race } from '../../../src/stages/race.ts'
import { bareAddress, cand, cands, dialled, runStage, said, tryOut } from '../../testing/try-out.ts'

test('when: \'empty\' asks a source once the list above is complete and empty', async t => {
  const trial = tryOut(t, source('more', async function * () { yield bareAddress(9) }, { when: 'empty' }))
  trial.give({ candidates: [], complete: false })
  await trial.settle()
  trial.give({ candidates: cands(1), complete: true })
  await trial.settle()
  t.deepEqual(said(trial), ['…', '1'])
  trial.give({ candidates: [] })
  await trial.rest()
  t.is(said(trial).at(-1), '9')
})

test('when: \'empty\' keeps found addresses when more come from above', async t => {
  const trial = await runStage(t, source('more', async function * () { yield bareAddress(9) }, { when: 'empty' }), [])
  trial.give({ candidates: cands(1) })
  await trial.rest()
  t.is(said(trial).at(-1), '1 9')
})

test('when: \'exhausted\' asks a source on the last call, not while the list is incomplete', async t => {
  const trial = tryOut(t, source('more', async function * () { yield bareAddress(9) }, { when: 'exhausted' }))
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.settle()
  trial.lastCall()
  await trial.rest()
  t.is(said(trial).at(-1), '1 2 …')
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.is(said(trial).at(-1), '1 2')
  trial.lastCall()
  await trial.rest()
  t.is(said(trial).at(-1), '1 2 9')
})

test('when: \'exhausted\' asks a source when each address has failed or was dropped by another stage', async t => {
  const trial = tryOut(t, pipeline(source('more', async function * () { yield bareAddress(9) }, { when: 'exhausted' }), filter('picky', one => one.id !== cand(2).id), race()))
  trial.script(cands(1), { refuses: 100 })
  trial.script(cands(9), { connects: 10 })
  trial.give({ candidates: cands(1, 2) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '9 @100'])
  t.is(trial.connections.length, 1)
})

test('when: \'exhausted\' does not ask a source while there is a connection', async t => {
  let asked = 0
  const trial = tryOut(t, pipeline(source('more', () => { asked++; return [bareAddress(9)] }, { when: 'exhausted' }), race()))
  trial.script(cands(1), { connects: 150 })
  trial.script(cands(2), { refuses: 300 })
  trial.give({ candidates: cands(2, 1) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0', '1 @250'])
  t.is(asked, 0)
  t.true(trial.ended)
})

test('when: \'exhausted\' asks a source for an empty complete list', async t => {
  const trial = await runStage(t, source('more', async function * () { yield bareAddress(9) }, { when: 'exhausted' }), [])
  t.is(said(trial).at(-1), '9')
})

test('when: \'exhausted\' asks two sources one after the other on the last call', async t => {
  const trial = tryOut(t, pipeline(
    source('first', async function * ({ clock, signal }) {
      await sleep(100, clock, signal)
      yield bareAddress(8)
    }, { when: 'exhausted' }),
    source('second', () => [bareAddress(9)], { when: 'exhausted' }),
    race()
  ))
  trial.script(cands(1, 8, 9), { refuses: 50 })
  trial.give({ candidates: cands(1) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '8 @150', '9 @200'])
})

test('sources with when: \'empty\' are asked one after the other', async t => {
  const slow = (name: string, n: number): ReturnType<typeof source> => source(name, async function * (dial) {
    await sleep(100, dial.clock, dial.signal)

    if (n > 0) {
      yield bareAddress(n)
    }
  }, { when: 'empty' })
  const trial = await runStage(t, pipeline(slow('nothing', 0), slow('one', 1), slow('two', 2)), [])
  t.is(said(trial).at(-1), '1')
  t.is(trial.last?.at, 200)
})
