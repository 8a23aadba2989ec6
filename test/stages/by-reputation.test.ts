import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { byReputation } from '../../src/stages/by-reputation.ts'
import { race } from '../../src/stages/race.ts'
import { thenable } from '../helpers/thenable.ts'
import { cand, cands, dialled, reason, said, short, tryOut } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Score } from '../../src/stages/by-reputation.ts'

const numberOf = (one: Candidate): number => Number(short([one]))

test('byReputation() ranks highest scores first, and ties in the order from above', async t => {
  const trial = tryOut(t, byReputation(one => numberOf(one) % 2))
  trial.give({ candidates: cands(1, 2, 3, 4, 5) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 3 5 2 4'])
})

testProp('byReputation() sorts any scores, infinite ones included', [fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(Infinity, -Infinity, 0)), { maxLength: 20 })], async (t, ratings) => {
  const trial = tryOut(t, byReputation(one => ratings[numberOf(one) - 1]))
  const candidates = ratings.map((_, i) => cand(i + 1))
  trial.give({ candidates })
  await trial.settle()
  t.deepEqual(trial.ids, candidates.toSorted((a, b) => {
    const [x, y] = [ratings[numberOf(a) - 1], ratings[numberOf(b) - 1]] as [number, number]

    return x === y ? 0 : x > y ? -1 : 1
  }).map(({ id }) => id))
})

for (const [when, scored] of [
  ['at once', one => one === 2 ? undefined : one],
  ['later', async one => one === 2 ? undefined : one]
] as ReadonlyArray<[string, (n: number) => ReturnType<Score>]>) {
  test(`byReputation() ranks an address last that is found ${when} to have no score`, async t => {
    const trial = tryOut(t, byReputation(one => scored(numberOf(one))))
    trial.give({ candidates: cands(1, 2, 3) })
    await trial.settle()

    t.is(said(trial).at(-1), '3 1 2')
    t.deepEqual(trial.host.errors, [])
  })

  test(`byReputation() with a minimum drops an address that is found ${when} to have no score`, async t => {
    const trial = tryOut(t, pipeline(byReputation(one => scored(numberOf(one)), { minScore: 1 }), race()))
    trial.script(cands(1, 2, 3), { refuses: 5 })
    trial.give({ candidates: cands(1, 2, 3) })
    await trial.rest()

    t.deepEqual(dialled(trial).map(one => one.split(' ')[0]), ['3', '1'])
    t.is(reason(trial, cand(2)), 'has no score')
    t.true(trial.ended)
  })
}

test('byReputation() drops scores below its minimum', async t => {
  const trial = tryOut(t, byReputation(numberOf, { minScore: 3 }))
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.settle()
  t.deepEqual(said(trial), ['4 3'])
  t.is(reason(trial, cand(2)), 'rated 2, lower than 3')
  t.is(reason(trial, cand(3)), undefined)
})

test('byReputation() ranks with the scores known so far, and again with each that arrives', async t => {
  const trial = tryOut(t, byReputation((one, { clock, signal }) => {
    const n = numberOf(one)

    return n === 2 ? n : sleep(n * 10, clock, signal).then(() => n)
  }))
  trial.give({ candidates: cands(1, 2, 3, 4) })
  await trial.settle()
  t.deepEqual(said(trial), ['2 1 3 4'])
  await trial.pass(10)
  t.is(said(trial).at(-1), '2 1 3 4')
  await trial.pass(20)
  t.is(said(trial).at(-1), '3 2 1 4')
  await trial.pass(10)
  t.is(said(trial).at(-1), '4 3 2 1')
})

test('byReputation() with a minimum holds back only addresses without a score', async t => {
  const rated: Score = async (one, { clock, signal }) => {
    await sleep(numberOf(one) * 10, clock, signal)

    return numberOf(one)
  }
  const trial = tryOut(t, pipeline(byReputation(rated, { minScore: 2 }), race()))
  trial.script(cands(1, 2, 3), { refuses: 5 })
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @20', '3 @30'])
  t.true(trial.ended)
})

test('byReputation() scores a candidate once, and again when it changes', async t => {
  const asked: string[] = []
  const trial = tryOut(t, byReputation(async one => {
    asked.push(`${numberOf(one)}${one.isCertified ? ' certified' : ''}`)

    return 0
  }))
  const [a, b] = [cand(1), cand(2)]
  trial.give({ candidates: [a] })
  await trial.settle()
  trial.give({ candidates: [b, a] })
  trial.target.invalidate()
  await trial.settle()
  trial.give({ candidates: [cand(1, { isCertified: true }), b] })
  await trial.settle()
  t.deepEqual(asked, ['1', '2', '1 certified'])
})

test('byReputation() fails the dial with an error that names the stage for a score that is not a number', async t => {
  const nonsense: Array<[Score, RegExp]> = [
    [() => NaN, /rated .*203\.0\.113\.1.* NaN: a rating is a number/],
    [async () => NaN, /rated .* NaN: a rating is a number/],
    [() => '5' as any, /rated .* '5': a rating is a number/],
    [() => null as any, /rated .* null: a rating is a number/]
  ]

  for (const [score, message] of nonsense) {
    const trial = tryOut(t, byReputation(score))
    trial.give({ candidates: cands(1) })
    await trial.settle()
    const error = trial.failure?.error
    t.is(error?.name, 'InvalidStageOutputError')
    t.regex(error.message, /^Stage "by-reputation" /)
    t.regex(error.message, message)
  }
})

for (const [how, fails] of [
  ['throws', () => { throw new Error('The service is down') }],
  ['rejects', async () => { throw new Error('The service is down') }],
  ['answers a thenable that rejects', () => thenable({ value: (_: unknown, reject: (err: Error) => void) => { reject(new Error('The service is down')) } }) as any]
] as ReadonlyArray<[string, Score]>) {
  test(`byReputation() logs a score that ${how} and ranks its address last`, async t => {
    const trial = tryOut(t, byReputation((one, dial) => numberOf(one) === 2 ? fails(one, dial) : numberOf(one)))
    trial.give({ candidates: cands(1, 2, 3) })
    await trial.settle()

    t.is(said(trial).at(-1), '3 1 2')
    t.is(trial.failure, undefined)
    t.is(reason(trial, cand(2)), undefined)
    t.is(trial.host.errors.length, 1)
  })

  test(`byReputation() with a minimum drops only the address whose score ${how}`, async t => {
    const trial = tryOut(t, pipeline(byReputation((one, dial) => numberOf(one) === 2 ? fails(one, dial) : numberOf(one), { minScore: 1 }), race()))
    trial.script(cands(1, 2, 3), { refuses: 5 })
    trial.give({ candidates: cands(1, 2, 3) })
    await trial.rest()

    t.deepEqual(dialled(trial).map(one => one.split(' ')[0]), ['3', '1'])
    t.is(reason(trial, cand(2)), 'could not be rated: The service is down')
    t.true(trial.ended)
  })

  test(`byReputation() scores an address whose score ${how} again when it changes`, async t => {
    const trial = tryOut(t, byReputation((one, dial) => one.isCertified ? 5 : fails(one, dial), { minScore: 1 }))
    trial.give({ candidates: [cand(1)] })
    await trial.settle()
    t.is(said(trial).at(-1), '')
    trial.give({ candidates: [cand(1, { isCertified: true })] })
    await trial.settle()
    t.is(said(trial).at(-1), '1')
    t.is(reason(trial, cand(1)), undefined)
  })
}

test('a score that reads an undeclared option fails the dial', async t => {
  const error = Object.assign(new Error('not declared'), { name: 'InvalidPipelineError' })

  for (const score of [() => { throw error }, async () => { throw error }]) {
    const trial = tryOut(t, byReputation(score))
    trial.give({ candidates: cands(1) })
    await trial.settle()
    t.is(trial.failure?.error, error)
  }
})

test('a score that rejects because its dial has ended is not logged', async t => {
  const trial = tryOut(t, byReputation((_one, { clock, signal }) => sleep(1e9, clock, signal).then(() => 1)))
  trial.give({ candidates: cands(1) })
  await trial.settle()
  trial.leave()
  await trial.settle()
  t.deepEqual(trial.host.errors, [])
})

test('a score that never arrives does not delay a dial that connects, and leaves nothing', async t => {
  const trial = tryOut(t, pipeline(byReputation((one, { clock, signal }) => numberOf(one) === 1 ? 1 : sleep(1e9, clock, signal).then(() => 2)), race()))
  trial.script([cand(1)], { connects: 10 })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(100)
  t.is(trial.outputs.length, 1)
  trial.leave()
  await trial.settle()
  t.is(trial.clock.pending, 0)
  t.is(listeners(trial), 0)
})

test('byReputation() throws for an invalid minimum', t => {
  t.throws(() => byReputation(() => 0, { minScore: NaN }), { name: 'InvalidPipelineError' })
  t.throws(() => byReputation(() => 0, { least: 1 } as any), { name: 'InvalidPipelineError', message: 'byReputation() has no option "least". It has: minScore, options, forRelays' })
  t.throws(() => byReputation(() => 0, { minScore: '1' as any }), { name: 'InvalidPipelineError' })
})
