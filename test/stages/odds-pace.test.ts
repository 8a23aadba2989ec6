import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fallback } from '../../src/pipeline/combinators/fallback.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { oddsPace } from '../../src/stages/odds-pace.ts'
import { race } from '../../src/stages/race.ts'
import { cand, cands, dialled, short, tryOut, winners } from '../testing/try-out.ts'
import { believing } from './beliefs.ts'
import { timesOn } from './on-list.ts'
import type { Candidate, DialHistory, Estimate } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { OddsPaceInit } from '../../src/stages/odds-pace.ts'
import type { ExecutionContext } from 'ava'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]
const UNLIKELY: Partial<Estimate> = { success: 0.2, valid: 0.2 }

function racing (t: ExecutionContext, { history = believing(), ...init }: OddsPaceInit & { history?: DialHistory } = {}): StageRun {
  return tryOut(t, pipeline(oddsPace(init), race()), { components: () => ({ history }) })
}

test('oddsPace() starts only one address that is likely to answer and does', async t => {
  const trial = racing(t)
  trial.script([a], { connects: 320, firstResponse: 105 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
  t.is(winners(trial), '1')
})

test('oddsPace() starts the next address when a silent one is probably dead', async t => {
  const trial = racing(t)
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @140'])
})

test('oddsPace() starts later with a higher costPerDial', async t => {
  for (const [costPerDial, at] of [[10, 122], [30, 140], [100, 156]] as const) {
    const trial = racing(t, { costPerDial })
    trial.give({ candidates: [a, b] })
    await trial.pass(2_000)
    t.deepEqual(dialled(trial), ['1 @0', `2 @${at}`])
  }
})

test('oddsPace() starts unlikely addresses 10 ms apart', async t => {
  const trial = racing(t, { history: believing(new Map([a, b, c, d].map(one => [one, UNLIKELY]))) })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20', '4 @30'])
})

test('oddsPace() waits for a likely address behind unlikely ones', async t => {
  const trial = racing(t, { history: believing(new Map([[a, UNLIKELY], [b, UNLIKELY]])) })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_000)
  const [, , third, fourth] = dialled(trial)
  t.is(third, '3 @20')
  t.true(Number(fourth?.split('@')[1]) > 20 + 100, fourth)
})

test('oddsPace() starts the next address at once after a refusal', async t => {
  const trial = racing(t)
  trial.script([a], { refuses: 50 })
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @50'])
})

test('oddsPace() starts the next address after a refusal when the others in flight are overdue', async t => {
  const trial = racing(t)
  trial.script([b], { refuses: 3 })
  trial.script([d], { refuses: 3 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(150)
  t.deepEqual(dialled(trial), ['1 @0', '2 @140', '3 @143'])
})

test('oddsPace() gives an address that answered time for its handshake', async t => {
  const trial = racing(t)
  trial.script([a], { connects: 5_000, firstResponse: 80 })
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)
  // 80 + 1.5 x 160 + 50, within 3 %
  t.deepEqual(dialled(trial), ['1 @0', '2 @376'])
})

test('oddsPace() holds addresses of the same site back after an answer', async t => {
  for (const firstResponse of [150, 240]) {
    const late = racing(t)
    late.script([a], { connects: 3.5 * firstResponse, firstResponse })
    late.give({ candidates: [a, b, c] })
    await late.rest()
    t.deepEqual(dialled(late), ['1 @0', '2 @140'])
  }

  const trial = racing(t)
  trial.script([a], { connects: 400, firstResponse: 130 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.is(winners(trial), '1')
})

test('oddsPace() holds addresses no longer when the one that answered fails', async t => {
  const [next, other] = [{ candidate: b, startedAt: 0 }, { candidate: a, startedAt: 5, firstResponseAt: 85 }]
  const { pace: timeOf } = await timesOn(oddsPace(), [a, b, c], { history: believing() })

  t.is(timeOf({ untried: [c], inFlight: [next, other] }), 5 + 376)
  t.is(timeOf({ untried: [c], inFlight: [next] }), 140)
})

test('oddsPace() dials addresses with success 0 in the end', async t => {
  const trial = racing(t, { history: believing(new Map([a, b].map(one => [one, { success: 0, valid: 0 }]))) })
  trial.script([b], { connects: 50 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(winners(trial), '2')
})

test('oddsPace() starts the next address although a silent one has success 1', async t => {
  const trial = racing(t, { history: believing(new Map([[a, { success: 1, valid: 1, firstResponse: { mu: Math.log(100), sigma: 0 } }]])) })
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)
  // the attempt would have answered by then
  t.deepEqual(dialled(trial), ['1 @0', '2 @104'])
})

test('oddsPace() works with a believed answer time of zero', async t => {
  const trial = racing(t, { history: believing(new Map([[a, { firstResponse: { mu: -Infinity, sigma: 0.7 }, roundTrips: { first: 0, all: 0 } }]])) })
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10'])
})

test('oddsPace() counts from the slot of an attempt', async t => {
  const trial = racing(t)
  trial.host.hasSlots = false
  trial.give({ candidates: [a, b] })
  await trial.pass(1_000)
  trial.host.hasSlots = true
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @1000', '2 @1140'])
})

test('oddsPace() returns 0 when all addresses were attempted', async t => {
  const { pace: timeOf } = await timesOn(oddsPace(), [a], { history: believing() })

  t.is(timeOf({ untried: [], inFlight: [{ candidate: a, startedAt: 0 }] }), 0)
})

test('oddsPace() works when the clock jumps back before a first response', async t => {
  const { pace: timeOf } = await timesOn(oddsPace(), [a, b], { history: believing() })

  t.is(timeOf({ untried: [b], inFlight: [{ candidate: a, startedAt: 1_000 }] }), 1_140)
  t.is(timeOf({ untried: [b], inFlight: [{ candidate: a, startedAt: 1_000, firstResponseAt: 900 }] }), 1_050)
})

test('oddsPace() asks history once about each address', async t => {
  const asked: Candidate[] = []
  const { pace: timeOf } = await timesOn(oddsPace(), [a, b, c], { history: believing(new Map(), asked) })
  timeOf({ untried: [b, c], inFlight: [{ candidate: a, startedAt: 0 }] })
  timeOf({ untried: [c], inFlight: [a, b].map(candidate => ({ candidate, startedAt: 0 })) })

  t.is(short(asked), '1 2 3')
})

test('oddsPace() replaces an outer pace, and beside another the later time counts', async t => {
  for (const [stages, second] of [
    [pipeline(goDelays(), fallback(pipeline(oddsPace(), race()))), '2 @140'],
    [pipeline(goDelays(), oddsPace(), race()), '2 @250'],
    [pipeline(oddsPace(), goDelays(), race()), '2 @250']
  ] as const) {
    const trial = tryOut(t, stages, { components: () => ({ history: believing() }) })
    trial.give({ candidates: cands(1, 2) })
    await trial.pass(2_000)
    t.deepEqual(dialled(trial), ['1 @0', second])
  }
})

test('oddsPace() throws for an invalid costPerDial', t => {
  t.throws(() => oddsPace({ costPerDial: -1 }), { name: 'InvalidPipelineError', message: 'oddsPace() needs a finite number of milliseconds, 0 or more as costPerDial, not -1' })
})
