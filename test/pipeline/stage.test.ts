import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate } from '../../src/pipeline/candidate.ts'
import { filter } from '../../src/pipeline/filter.ts'
import { pipeline, pipelineOf } from '../../src/pipeline/pipeline.ts'
import { make } from '../../src/pipeline/run.ts'
import { stage } from '../../src/pipeline/stage.ts'
import { race } from '../../src/stages/race.ts'
import { SELF } from '../../src/testing/compliance/samples.ts'
import { cand, cands, dialled, reason, said, short, tryOut } from '../testing/try-out.ts'
import type { AnyStageInit, List } from '../../src/pipeline/types.ts'

const [a, b] = [cand(1), cand(2)]

function mapped (answer: (list: List) => any): AnyStageInit {
  return stage({
    name: 'by-hand',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (lists) {
      for await (const list of lists) {
        yield answer(list)
      }
    }
  })
}

test('says its name, what it accepts and yields, and the options that it reads', t => {
  const { name, accepts, yields, options } = stage({ name: 'by-hand', accepts: ['target', 'candidates'], yields: 'candidates', options: ['mood'], run: () => { throw new Error('Not run') } })
  t.deepEqual({ name, accepts, yields, options }, { name: 'by-hand', accepts: { target: true, candidates: true }, yields: 'candidates', options: ['mood'] })
})

test('runs with the source, the dial and the node', async t => {
  const trial = tryOut(t, stage({
    name: 'by-hand',
    accepts: ['candidates'],
    yields: 'candidates',
    run: (lists, dial, components) => {
      t.is(dial.clock, components.clock)
      return lists
    }
  }))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
})

test('the runner says what it dropped, and takes it back', async t => {
  let most = 1
  const trial = tryOut(t, mapped(list => ({ ...list, candidates: list.candidates.slice(0, most) })))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(trial.host.story.of(b).dropped, { stage: 'by-hand', reason: 'dropped' })
  most = 2
  trial.target.raise()
  await trial.settle()
  t.is(reason(trial, b), undefined)
})

test('the runner does not write over what the stage says itself', async t => {
  const trial = tryOut(t, stage({
    name: 'by-hand',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (lists, dial) {
      for await (const list of lists) {
        dial.verdict(b, 'not that one')
        yield { ...list, candidates: [a] }
      }
    }
  }))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(reason(trial, b), 'not that one')
})

test('what it has not decided yet is not dropped', async t => {
  const trial = tryOut(t, mapped(list => ({ ...list, candidates: [], complete: false })))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(reason(trial, a), undefined)
})

test('what was tried is not dropped as well', async t => {
  const trial = tryOut(t, pipeline(stage({
    name: 'untried',
    accepts: ['candidates'],
    yields: 'candidates',
    run: async function * (lists, dial) {
      for await (const list of lists) {
        yield { ...list, candidates: list.candidates.filter(one => !dial.tried(one)) }
      }
    }
  }), race()))
  trial.script([a, b], { refuses: 10 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
  t.deepEqual([a, b].map(one => reason(trial, one)), [undefined, undefined])
})

for (const [what, answer] of Object.entries({
  nothing: () => undefined,
  'the candidates alone': ({ candidates }: List) => candidates,
  'a list of addresses': (list: List) => ({ ...list, candidates: list.candidates.map(({ multiaddr }) => multiaddr) }),
  'a list with holes': (list: List) => ({ ...list, candidates: [undefined] }),
  'a candidate that is not frozen': (list: List) => ({ ...list, candidates: list.candidates.map(one => ({ ...one })) }),
  'one address twice': (list: List) => ({ ...list, candidates: [...list.candidates, ...list.candidates] }),
  'an address of another peer': (list: List) => ({ ...list, candidates: [candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`))] }),
  'a list without a revision': ({ revision: _, ...list }: List) => list,
  'a list of unknown completeness': ({ complete: _, ...list }: List) => list
})) {
  test(`yielding ${what} names the stage`, async t => {
    const trial = tryOut(t, mapped(answer))
    trial.give({ candidates: [a, b] })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" yielded /)
  })
}

test('an address of another peer that it was given is for others to drop', async t => {
  const other = candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`))
  const trial = tryOut(t, mapped(list => list))
  trial.give({ candidates: [other] })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [other])
})

test('a pace that gives nonsense names the stage that yielded it', async t => {
  for (const at of [Number.NaN, -1, 'soon']) {
    const trial = tryOut(t, pipelineOf([mapped(list => ({ ...list, pace: () => ({ candidate: list.candidates[0], at }) })), filter('below', () => true), race()]))
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" /)
  }
})

test('a pace that starts what is in flight names the stage that yielded it, and dials nothing twice', async t => {
  const trial = tryOut(t, pipelineOf([mapped(list => ({ ...list, pace: ({ now }: { now: number }) => ({ candidate: a, at: now }) })), race()]))
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(trial.failure?.error.name, 'InvalidStageOutputError')
  t.regex(trial.failure?.error.message, /^Stage "by-hand" /)
  t.deepEqual(dialled(trial), ['1 @0'])
})

test('what is no connection where one is expected names the stage', async t => {
  for (const nonsense of [undefined, 'connection', {}, { remoteAddr: 1 }]) {
    const trial = tryOut(t, stage({ name: 'by-hand', accepts: ['candidates'], yields: 'connections', run: async function * () { yield nonsense as any } }))
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" yielded .* where a connection was expected/)
  }
})

for (const [words, answer] of [
  ['undefined', () => undefined],
  ['a promise', async () => []],
  ['an empty array', () => []],
  ['a Generator', () => (function * () {})()],
  ['a function', () => async function * () {}],
  ['an object with no properties', () => ({ [Symbol.asyncIterator]: 1 })]
] as const) {
  test(`the dial fails when the run() of a stage answers ${words}`, async t => {
    const trial = tryOut(t, stage({ name: 'by-hand', accepts: ['candidates'], yields: 'candidates', run: answer as any }))
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" has a run() that answered ${words} where an async iterable was expected: write it as async function *`)
  })

  test(`the dial fails when what makes a stage answers ${words}`, t => {
    const init: any = Object.defineProperties(() => (answer as () => unknown)(), { name: { value: 'by-hand' }, accepts: { value: { candidates: true } }, yields: { value: 'candidates' } })
    t.throws(() => make(init, {} as any), { name: 'InvalidStageOutputError', message: `Stage "by-hand" was made as ${words} where an object with a run() was expected` })
  })
}

test('what it yields of its own need not be in the list from above', async t => {
  const own = cand(9)
  const trial = tryOut(t, mapped(list => ({ ...list, candidates: [...list.candidates, own] })))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(short(trial.ids), '1 9')
})
