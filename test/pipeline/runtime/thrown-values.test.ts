// stages that throw other values than Errors: the dial rejects with an Error that names the stage and the value
import test from 'ava'
import { expand, fallback, filter, hold, onlyIfNone, pace, pipelineOf, prefer, rank, rankBy, retry, source, stage, timeout, when } from '../../../src/pipeline/index.ts'
import { dialable } from '../../../src/stages/dialable.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { AnyStage, Dial, List, Work } from '../../../src/pipeline/types.ts'

type Thrower = () => never

const begins = (begin: any): AnyStage => stage('odd', begin)
const below = (run: any): AnyStage => stage({ name: 'odd', accepts: ['connections'], yields: 'connections', run })

const STAGES: ReadonlyArray<[string, string, (fail: Thrower) => AnyStage[]]> = [
  ['a comparator of rank()', 'odd', fail => [rank('odd', fail), race()]],
  ['rankBy()', 'odd', fail => [rankBy('odd', fail), race()]],
  ['a pace', 'odd', fail => [pace('odd', fail), race()]],
  ['a pace, for a candidate,', 'odd', fail => [pace('odd', () => fail), race()]],
  ['a hold', 'odd', fail => [hold('odd', fail), race()]],
  ['a hold, for a candidate,', 'odd', fail => [hold('odd', () => fail), race()]],
  ['prefer()', 'prefer', fail => [prefer(fail), race()]],
  ['onlyIfNone()', 'only-if-none', fail => [onlyIfNone(fail), race()]],
  ['when()', 'dialable', fail => [when(fail, dialable()), race()]],
  ['the beginning of a stage', 'odd', fail => [begins(fail), race()]],
  ['a stage', 'odd', fail => [begins(() => fail), race()]],
  ['a stage between two others', 'odd', fail => [dialable(), begins(() => fail), dialable(), race()]],
  ['work of a stage', 'odd', fail => [begins((_dial: Dial, work: Work) => {
    work.add((async () => fail())())

    return ({ candidates }: List) => candidates
  }), race()]],
  ['run() of a stage below a race', 'odd', fail => [race(), below(fail)]],
  ['a generator below a race', 'odd', fail => [race(), below(async function * () { yield * []; fail() })]],
  ['an iterator below a race', 'odd', fail => [race(), below(() => ({ [Symbol.asyncIterator]: () => ({ next: async () => fail() }) }))]],
  ['a stage in retry()', 'odd', fail => [retry(pipelineOf([begins(() => fail), race()]) as any, { retries: 1, delay: 1 })]],
  ['a comparator in fallback()', 'odd', fail => [fallback(pipelineOf([rank('odd', fail), race()]))]],
  ['a pace in timeout()', 'odd', fail => [timeout(1_000, pipelineOf([pace('odd', fail), race()]) as any)]]
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

  test(`the dial fails with the same Error that ${what} throws`, async t => {
    const thrown = new TypeError('broken')
    t.is(await failure(make(() => { throw thrown })), thrown)
  })
}

for (const [what, make] of [
  ['filter()', (fail: Thrower) => filter('odd', fail)],
  ['expand()', (fail: Thrower) => expand('odd', fail)],
  ['a generator of expand()', (fail: Thrower) => expand('odd', async function * () { yield * []; fail() })]
] as const) {
  test(`an address fails with an Error when ${what} throws null`, async t => {
    const { errors } = await failure([make(() => { throw null as unknown as Error }), race()])
    t.is(errors.length, 2)
    t.true(errors.every(({ message, cause }: Error) => message.includes(' was dropped by odd: ') && message.endsWith('Rejected with null') && cause instanceof Error))
  })
}

test('a source that throws an Error with an unreadable name does not fail the dial otherwise', async t => {
  const odd = Object.defineProperty(new Error('odd'), 'name', { get: () => { throw new TypeError('it cannot be read') } })

  for (const find of [() => { throw odd }, async () => { throw odd }, async function * () { yield * []; throw odd }]) {
    t.regex((await failure([source('odd', find), race()])).message, /^All multiaddr dials failed for .*; odd failed: Rejected with a value that cannot be read$/)
  }
})

test('an unreadable error given to work.drop() is included in the dial\'s error', async t => {
  const odd = Object.defineProperty(new Error('odd'), 'name', { get: () => { throw new TypeError('it cannot be read') } })
  const dropping = stage('odd', (_dial, work) => ({ candidates }) => {
    candidates.forEach(one => { work.drop(one, 'odd', odd) })

    return []
  })
  const error = await failure([dropping, race()])

  t.is(error.errors?.length, 2)
})

test('aborting with a reason that is not an Error rejects the dial with it', async t => {
  const controller = new AbortController()
  const { engine, clock } = engineWorld(pipelineOf([fromCaller(), begins(() => ({ candidates }: List) => candidates), retry(race())]) as any)
  const dial = engine.dial(address(1, await newPeer()), { signal: controller.signal })
  await clock.advance(10)
  controller.abort('changed my mind')
  t.is(await dial.catch(err => err), 'changed my mind')
  await engine.dials.idle()
})

async function failure (stages: readonly AnyStage[]): Promise<any> {
  const peer = await newPeer()
  const { engine, clock } = engineWorld(pipelineOf([fromCaller(), ...stages]) as any)

  return clock.until(engine.dial([address(1, peer), address(2, peer)]).then(() => undefined, err => err))
}
