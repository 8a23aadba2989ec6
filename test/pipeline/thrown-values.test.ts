// stages that throw what is no Error: the dial rejects with an Error that names the stage and the value
import test from 'ava'
import { expand, fallback, filter, onlyIfNone, order, pace, pipelineOf, prefer, rank, retry, sift, source, stage, timeout, when } from '../../src/pipeline/index.ts'
import { byHistory } from '../../src/stages/by-history.ts'
import { dialable } from '../../src/stages/dialable.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'
import type { AnyStageInit } from '../../src/pipeline/types.ts'

type Thrower = () => never

const byHand = (run: any, yields: 'candidates' | 'connections' = 'candidates'): AnyStageInit => stage({ name: 'odd', accepts: ['candidates'], yields, run })
const init = (make: () => unknown): any => Object.defineProperties(make, { name: { value: 'odd' }, accepts: { value: { candidates: true } }, yields: { value: 'candidates' } })

const STAGES: ReadonlyArray<[string, string, (fail: Thrower) => AnyStageInit[]]> = [
  ['a comparator of rank()', 'odd', fail => [rank('odd', fail), race()]],
  ['order()', 'odd', fail => [order('odd', fail), race()]],
  ['pace()', 'odd', fail => [pace('odd', fail), race()]],
  ['a pace', 'odd', fail => [pace('odd', () => fail), race()]],
  ['sift()', 'odd', fail => [sift('odd', fail), race()]],
  ['prefer()', 'prefer', fail => [prefer(fail), race()]],
  ['onlyIfNone()', 'only-if-none', fail => [onlyIfNone(fail), race()]],
  ['when()', 'dialable', fail => [when(fail, dialable()), race()]],
  ['the random of byHistory()', 'by-history', fail => [byHistory({ random: fail }), race()]],
  ['run() of a stage', 'odd', fail => [byHand(fail), race()]],
  ['a generator of a stage', 'odd', fail => [byHand(async function * () { yield * []; fail() }), race()]],
  ['a stage between two others', 'odd', fail => [dialable(), byHand(async function * () { yield * []; fail() }), dialable(), race()]],
  ['a race', 'odd', fail => [byHand(async function * () { yield * []; fail() }, 'connections')]],
  ['an iterator of a stage', 'odd', fail => [byHand(() => ({ [Symbol.asyncIterator]: () => ({ next: async () => fail() }) })), race()]],
  ['what makes a stage', 'odd', fail => [init(fail), race()]],
  ['a stage in retry()', 'odd', fail => [retry(pipelineOf([byHand(fail), race()]) as any, { retries: 1, delay: 1 })]],
  ['a comparator in fallback()', 'odd', fail => [fallback(pipelineOf([rank('odd', fail), race()]) as any)]],
  ['a pace in timeout()', 'odd', fail => [timeout(1_000, pipelineOf([pace('odd', () => fail), race()]) as any)]]
]

for (const [what, name, make] of STAGES) {
  for (const [thrown, words] of [[null, 'null'], [undefined, 'undefined'], ['text', "'text'"], [{ code: 1 }, 'an object with code']] as const) {
    test(`the dial fails with an Error that names the stage when ${what} throws ${words}`, async t => {
      const error = await failure(make(() => { throw thrown as unknown as Error }))
      t.is(error.name, 'InvalidStageOutputError')
      t.is(error.message, `Stage "${name}" threw ${words}`)
      t.is(error.cause, thrown)
    })
  }

  test(`the dial fails with the very Error that ${what} throws`, async t => {
    const thrown = new TypeError('broken')
    t.is(await failure(make(() => { throw thrown })), thrown)
  })
}

for (const [what, make] of [
  ['filter()', (fail: Thrower) => filter('odd', fail)],
  ['a judge of sift()', (fail: Thrower) => sift('odd', () => fail)],
  ['expand()', (fail: Thrower) => expand('odd', fail)],
  ['a generator of expand()', (fail: Thrower) => expand('odd', async function * () { yield * []; fail() })]
] as const) {
  test(`an address fails with an Error when ${what} throws null`, async t => {
    const { errors } = await failure([make(() => { throw null as unknown as Error }), race()])
    t.is(errors.length, 2)
    t.true(errors.every(({ message, cause }: Error) => message.includes(' was dropped by odd: ') && message.endsWith('Rejected with null') && cause instanceof Error))
  })
}

test('a source that throws an Error whose name cannot be read costs the dial nothing else', async t => {
  const odd = Object.defineProperty(new Error('odd'), 'name', { get: () => { throw new TypeError('it cannot be read') } })

  for (const find of [() => { throw odd }, async () => { throw odd }, async function * () { yield * []; throw odd }]) {
    t.is((await failure([source('odd', find), race()])).message, 'All multiaddr dials failed')
  }
})

test('an error that a stage drops an address with, and that cannot be read, is in the error of the dial', async t => {
  const odd = Object.defineProperty(new Error('odd'), 'name', { get: () => { throw new TypeError('it cannot be read') } })
  const dropping = stage({ name: 'odd', accepts: ['candidates'], yields: 'candidates', run: async function * (lists, dial) {
    for await (const list of lists) {
      list.candidates.forEach(one => { dial.verdict(one, 'odd', odd) })
      yield { ...list, candidates: [] }
    }
  } })
  const error = await failure([dropping, race()])

  t.is(error.errors?.length, 2)
})

test('an abort for a reason that is no Error rejects the dial with that reason', async t => {
  const controller = new AbortController()
  const { engine, clock } = engineWorld(pipelineOf([fromCaller(), byHand(async function * (lists: any) { yield * lists }), retry(race())]) as any)
  const dial = engine.dial(address(1, await newPeer()), { signal: controller.signal })
  await clock.advance(10)
  controller.abort('changed my mind')
  t.is(await dial.catch(err => err), 'changed my mind')
  await engine.dials.idle()
})

async function failure (stages: readonly AnyStageInit[]): Promise<any> {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(pipelineOf([fromCaller(), ...stages]) as any)

  return clock.until(engine.dial([address(1, peer), address(2, peer)]).then(() => undefined, err => err))
}
