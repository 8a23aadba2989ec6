import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { SELF } from '../../../src/testing/compliance/samples.ts'
import { cand, runStage, tryOut } from '../../testing/try-out.ts'
import type { List } from '../../../src/pipeline/types.ts'

const [a, b] = [cand(1), cand(2)]
const mapped = (answer: (list: List) => any) => stage('by-hand', () => answer)

for (const [what, answer] of Object.entries<(list: List) => unknown>({
  nothing: () => undefined,
  'the list': list => list,
  'a promise': async ({ candidates }) => candidates,
  'a set': ({ candidates }) => new Set(candidates),
  addresses: ({ candidates }) => candidates.map(({ multiaddr }) => multiaddr),
  'an array with holes': () => [undefined],
  'a candidate that is not frozen': ({ candidates }) => candidates.map(one => ({ ...one })),
  'one address twice': ({ candidates }) => [...candidates, ...candidates],
  'one address twice, in two objects': ({ candidates }) => [...candidates, cand(1, { isCertified: true })],
  'an address of another peer': () => [candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`))]
})) {
  test(`returning ${what} fails the dial with an error that names the stage`, async t => {
    const trial = await runStage(t, mapped(answer), [a, b], { ms: 0 })
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" answered /)
  })
}

for (const [words, begin] of [
  ['undefined', () => undefined],
  ['a promise', async () => ({ candidates }: List) => candidates],
  ['an empty array', () => []],
  ['an object with candidates', () => ({ candidates: [] })]
] as const) {
  test(`the dial fails when begin returns ${words}`, async t => {
    // `any`: a wrong value on purpose, which the check at run time refuses
    const trial = await runStage(t, pipeline(stage('by-hand', begin as any), race()), [a], { ms: 0 })
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" began with ${words}: a function from a list to candidates is expected, as in (dial, work) => ({ candidates }) => candidates`)
  })
}

for (const nonsense of [undefined, 'connection', {}, { remoteAddr: 1 }]) {
  test(`a stage below a race that yields ${JSON.stringify(nonsense) ?? 'undefined'} fails the dial with an error that names it`, async t => {
    // `any`: a wrong value on purpose, which the check at run time refuses
    const trial = tryOut(t, stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', run: async function * () { yield nonsense as any } }), { from: 'connections' })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /^Stage "by-hand" yielded .* where a connection was expected/)
  })
}

for (const [words, answer] of [
  ['undefined', () => undefined],
  ['a promise', async () => []],
  ['an empty array', () => []],
  ['a Generator', () => (function * () {})()],
  ['a function', () => async function * () {}],
  ['an object with no properties', () => ({ [Symbol.asyncIterator]: 1 })]
] as const) {
  test(`the dial fails when run() of a stage below a race returns ${words}`, async t => {
    // `any`: a wrong value on purpose, which the check at run time refuses
    const trial = tryOut(t, stage({ name: 'by-hand', accepts: ['connections'], yields: 'connections', run: answer as any }), { from: 'connections' })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.is(trial.failure?.error.message, `Stage "by-hand" has a run() that answered ${words} where an async iterable was expected: write it as async function *`)
  })
}
