import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { retry } from '../../src/pipeline/combinators/retry.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { byHistory } from '../../src/stages/by-history.ts'
import { race } from '../../src/stages/race.ts'
import { cand, cands, dialled, short, tryOut } from '../testing/try-out.ts'
import { believing } from './beliefs.ts'
import { onList, onLists } from './on-list.ts'
import type { Candidate, Estimate } from '../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const never = (): number => 0.999

async function ordered (estimates: ReadonlyArray<readonly [Candidate, Partial<Estimate>]>, init: Parameters<typeof byHistory>[0] = {}): Promise<string> {
  const { list } = await onList(byHistory(init), [a, b, c, d], { random: never, history: believing(new Map(estimates)) })

  return short(list.candidates)
}

test('byHistory() ranks addresses with higher success first', async t => {
  t.is(await ordered([[a, { success: 0.1 }], [b, { success: 0.4 }]]), '3 4 2 1')
})

test('byHistory() ranks faster addresses first', async t => {
  t.is(await ordered([[b, { connect: 600 }], [d, { connect: 40 }]]), '4 1 3 2')
})

test('byHistory() ranks by success relative to time', async t => {
  // 0.95 / 330 = 0.0029; 0.3 / 70 = 0.0043; 0.95 / 1530 = 0.0006
  t.is(await ordered([[b, { success: 0.3, connect: 40 }], [a, { connect: 1_500 }]]), '2 3 4 1')
})

test('byHistory() weighs time less with a higher costPerDial', async t => {
  const estimates = [[a, { success: 0.9, connect: 100 }], [b, { success: 0.5, connect: 30 }], [c, { success: 0.01 }], [d, { success: 0.01 }]] as const

  t.is(await ordered(estimates, { costPerDial: 0 }), '2 1 3 4')
  t.is(await ordered(estimates, { costPerDial: 500 }), '1 2 3 4')
})

test('byHistory() keeps the order from above for similar ratings', async t => {
  // 0.0034, 0.0029, 0.0038, 0.0036
  t.is(await ordered([[a, { connect: 250 }], [b, { success: 0.8, connect: 250 }], [c, { connect: 220 }], [d, { success: 1, connect: 250 }]]), '1 2 3 4')
})

test("byHistory() keeps the order from above when the node has an addressSorter", async t => {
  const settings = { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 25, addressSorter: () => 0 as const }
  const { list } = await onList(byHistory(), [a, b, c, d], { random: never, history: believing(new Map([[a, { success: 0.1 }], [c, { success: 0.9 }]])), settings })

  t.is(short(list.candidates), '1 2 3 4')
})

test('byHistory() ranks an address after one success above one after a failure', async t => {
  t.is(await ordered([[a, { success: 0.4 }], [b, { success: 0.6 }], [c, { success: 0.01 }], [d, { success: 0.01 }]]), '2 1 3 4')
})

test('byHistory() ranks addresses with success 0 or 1 and with no connection time', async t => {
  t.is(await ordered([[a, { success: 0 }], [b, { success: 1, connect: 0 }], [c, { success: 0, connect: 0 }]], { costPerDial: 0 }), '2 4 3 1')
})

test('byHistory() keeps the order from above in a share of dials', async t => {
  const history = believing(new Map([[a, { success: 0.1 }]]))
  const draws = [0.019, 0.02, 0.5, 0]
  const orders: string[] = []

  while (draws.length > 0) {
    orders.push(short((await onList(byHistory(), [a, b], { random: () => draws.shift() as number, history })).list.candidates))
  }

  t.deepEqual(orders, ['1 2', '2 1', '2 1', '1 2'])
})

test('byHistory() decides once in a dial whether to keep the order', async t => {
  const history = believing(new Map([[a, { success: 0.1 }]]))
  let asked = 0
  const random = (): number => asked++ % 2
  const { list } = await onLists(byHistory(), [[a], [a, b], [a, b, c]], { random, history })

  t.is(short(list.candidates), '1 2 3')
  t.is(asked, 1)
})

test('byHistory() with explore 0 always ranks, and with 1 never', async t => {
  t.is(await ordered([[a, { success: 0.1 }]], { explore: 0 }), '2 3 4 1')
  t.is(await ordered([[a, { success: 0.1 }]], { explore: 1 }), '1 2 3 4')
})

test('byHistory() asks history once about an address in a run', async t => {
  const asked: Candidate[] = []
  await onLists(byHistory(), [[a], [a, b], [b, a, c]], { random: never, history: believing(new Map(), asked) })

  t.is(short(asked), '1 2 3')
})

test('byHistory() asks history again in each run of retry()', async t => {
  const asked: Candidate[] = []
  const trial = tryOut(t, retry(pipeline(byHistory(), race()), { retries: 1 }), { components: () => ({ random: never, history: believing(new Map(), asked) }) })
  trial.script([a, b], { refuses: 10 })
  trial.give({ candidates: cands(1, 2) })
  await trial.pass(10_000)
  t.is(dialled(trial).length, 4)
  // the race also asks, for the time an attempt may be silent
  t.deepEqual([1, 2].map(one => short(asked).split(' ').filter(n => n === `${one}`).length >= 2), [true, true])
})

testProp('byHistory() drops nothing, and sorting twice changes nothing', [fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 5_000, noNaN: true })), { maxLength: 12 })], async (t, beliefs) => {
  const candidates = beliefs.map((_, i) => cand(i + 1))
  const history = believing(new Map(candidates.map((one, i) => [one, { success: beliefs[i]?.[0] ?? 0, connect: beliefs[i]?.[1] ?? 0 }])))
  const once = await onList(byHistory(), candidates, { random: never, history })

  t.deepEqual(once.kept.toSorted(), candidates.map(({ id }) => id).toSorted())
  t.deepEqual((await onList(byHistory(), once.list.candidates, { random: never, history })).kept, once.kept)
})

test('byHistory() throws for an invalid costPerDial', t => {
  t.throws(() => byHistory({ costPerDial: NaN }), { name: 'InvalidPipelineError', message: 'byHistory() needs a finite number of milliseconds, 0 or more as costPerDial, not NaN' })
})
