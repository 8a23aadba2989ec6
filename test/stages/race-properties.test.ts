import { fc, testProp } from '@fast-check/ava'
import { filter } from '../../src/pipeline/authoring/filter.ts'
import { hold } from '../../src/pipeline/authoring/pace.ts'
import { pace } from '../../src/pipeline/authoring/pace.ts'
import { pipeline, pipelineOf } from '../../src/pipeline/pipeline.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { dose } from '../support/dose.ts'
import { cand, preferring, short, tryOut } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { StageRunAttempt } from '../../src/testing/compliance/stage-run-host.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Candidate, Rule, Stage } from '../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const outcome: fc.Arbitrary<Script> = fc.oneof(
  fc.record({ connects: fc.integer({ min: 20, max: 3_000 }), firstResponse: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }) }),
  fc.record({ refuses: fc.nat(3_000) }),
  fc.constant<Script>('silent')
)

const dead = fc.oneof(fc.record({ refuses: fc.nat(3_000) }), fc.constant<Script>('silent'))

/** A time that depends on the race and the candidate. May be Infinity */
const time: fc.Arbitrary<Rule> = fc.tuple(fc.constantFrom('startedAt', 'firstStart', 'lastStart'), fc.array(fc.oneof(fc.nat(20_000), fc.constant(Infinity)), { minLength: 1, maxLength: 4 }), fc.nat(7)).map(([since, delays, most]): Rule => race => {
  return race.inFlight.length > most ? Infinity : ({ id }) => {
    const delay = delays[Number(short([id])) % delays.length] as number

    return delay === Infinity ? delay : race[since as 'startedAt'] + delay
  }
})

/** Up to three rules: sensible ones, ones that hold everything back, and erratic ones */
const rules: fc.Arbitrary<ReadonlyArray<Stage<'candidates', 'candidates'>>> = fc.array(fc.oneof(
  fc.constantFrom(pace('none', () => Infinity), hold('all', () => Infinity), pace('any', () => 0)),
  fc.nat(2_000).map(ms => stagger(ms)),
  time.map(rule => pace('wild-pace', rule)),
  time.map(rule => hold('wild-hold', rule))
), { maxLength: 3 })

function racing (t: ExecutionContext, rules: ReadonlyArray<Stage<'candidates', 'candidates'>>): StageRun {
  return tryOut(t, pipelineOf([...rules, race()]))
}

/** Successive lists, each with its addresses and the delay after the one before */
const lists = (most: number): fc.Arbitrary<Array<{ after: number, order: number[] }>> => fc.array(fc.record({
  after: fc.nat(1_000),
  order: fc.uniqueArray(fc.nat(most - 1), { maxLength: most })
}), { minLength: 1, maxLength: 4 })

function checkNothingRuns (t: ExecutionContext, trial: StageRun): void {
  t.true(trial.ended, 'the race has ended')
  t.is(trial.failure, undefined)
  t.is(trial.clock.pending, 0, 'no timer is set')
  t.true(trial.host.attempts.every(({ signal, endedAt }) => signal.aborted || endedAt != null), 'no attempt goes on')
  checkNothingOpen(t, trial)
}

function checkNothingOpen (t: ExecutionContext, { network, connections }: StageRun): void {
  const ids = (all: readonly Connection[]): string[] => all.map(({ id }) => id).toSorted()
  t.deepEqual(ids(network.open), ids(connections), 'what is open was yielded')
}

/** Checks that only a cancelled attempt is followed by another at the same address */
function checkOnce (t: ExecutionContext, { host, dial }: StageRun): void {
  const seen = new Map<string, StageRunAttempt>()

  for (const attempt of host.attempts) {
    const before = seen.get(attempt.candidate.id)
    t.true(before == null || before.signal.aborted, 'no address is dialled twice')
    seen.set(attempt.candidate.id, attempt)
  }

  const tried = dial.outcomes.map(({ candidate }) => candidate.id)
  t.is(new Set(tried).size, tried.length, 'no address has two outcomes')
}

function checkApart (t: ExecutionContext, trial: StageRun): void {
  const { attempts } = trial.host

  attempts.forEach(({ startedAt = 0 }, i) => {
    const before = attempts[i - 1]
    const failedBetween = attempts.some(({ endedAt = Infinity, connection }) => connection == null && endedAt <= startedAt && endedAt >= (before?.startedAt ?? 0))
    t.true(before == null || failedBetween || startedAt - (before.startedAt ?? 0) >= 10, 'no two attempts are less than 10 ms apart')
  })
}

testProp('for random lists, rules and outcomes, race() dials no address twice, ends, and leaves nothing running', [
  fc.array(outcome, { maxLength: 8 }), rules
], async (t, scripts, rules) => {
  const candidates = scripts.map((script, i) => cand(i + 1))
  const trial = racing(t, rules)
  candidates.forEach((one, i) => { trial.script([one], scripts[i] ?? 'silent') })
  trial.give({ candidates })
  await trial.rest()
  await trial.rest()

  checkNothingRuns(t, trial)
  checkOnce(t, trial)
  checkApart(t, trial)
  // while the list is unchanged, a cancelled address is not tried again
  t.is(new Set(trial.host.attempts.map(({ candidate }) => candidate)).size, trial.host.attempts.length)
}, { numRuns: dose(150) })

testProp('for random changing lists, race() dials no address twice, ends, and leaves nothing running', [
  fc.array(outcome, { minLength: 1, maxLength: 8 }).chain(scripts => fc.tuple(fc.constant(scripts), lists(scripts.length))), rules
], async (t, [scripts, lists], rules) => {
  const all = scripts.map((script, i) => cand(i + 1))
  const trial = racing(t, rules)
  all.forEach((one, i) => { trial.script([one], scripts[i] ?? 'silent') })

  for (const [i, { after, order }] of lists.entries()) {
    await trial.pass(after)
    trial.give({ candidates: order.flatMap(n => all[n] ?? []), complete: i === lists.length - 1 })
  }

  await trial.rest()
  await trial.rest()
  checkNothingRuns(t, trial)
  checkOnce(t, trial)
  checkApart(t, trial)
}, { numRuns: dose(150) })

for (const [name, timed] of Object.entries({ stagger: stagger(), 'a quick stagger': stagger(1), sequential: sequential() })) {
  testProp(`race() connects to a live address behind any number of dead ones (${name})`, [
    fc.array(dead, { maxLength: 12 }), fc.array(dead, { maxLength: 3 }), fc.integer({ min: 0, max: 3_000 })
  ], async (t, ahead, behind, connects) => {
    const scripts: Script[] = [...ahead, { connects }, ...behind]
    const candidates = scripts.map((script, i) => cand(i + 1))
    const trial = tryOut(t, pipeline(timed, race()))
    candidates.forEach((one, i) => { trial.script([one], scripts[i] ?? 'silent') })
    trial.give({ candidates })
    await trial.rest()
    await trial.rest()

    t.deepEqual(trial.connections.map(({ remoteAddr }) => remoteAddr.toString()), [candidates[ahead.length]?.id ?? ''])
    checkNothingRuns(t, trial)
    checkOnce(t, trial)
  }, { numRuns: dose(50) })
}

testProp('race() leaves nothing running whenever it is left', [
  fc.array(outcome, { minLength: 1, maxLength: 6 }), rules, fc.nat(4_000), fc.boolean(), fc.boolean()
], async (t, scripts, rules, after, complete, ignoresSignal) => {
  const candidates = scripts.map((script, i) => cand(i + 1))
  const trial = racing(t, rules)
  trial.host.ignoresSignal = ignoresSignal
  candidates.forEach((one, i) => { trial.script([one], scripts[i] ?? 'silent') })
  trial.give({ candidates, complete })
  await trial.pass(after)
  trial.leave()
  await trial.settle()

  t.true(trial.isOver)
  t.is(listeners(trial), 0)
  t.true(trial.host.attempts.every(({ signal, endedAt }) => signal.aborted || endedAt != null))
  // transports that ignore their signal still connect
  await trial.rest()
  checkNothingOpen(t, trial)
}, { numRuns: dose(100) })

testProp('race() yields only better connections after the first', [
  fc.array(fc.record({ connects: fc.integer({ min: 0, max: 1_000 }) }), { minLength: 1, maxLength: 8 }), fc.nat(300)
], async (t, scripts, ms) => {
  const candidates = scripts.map((script, i) => cand(i + 1))
  const trial = tryOut(t, pipeline(stagger(ms), race()), preferring(...candidates))
  candidates.forEach((one, i) => { trial.script([one], scripts[i] ?? 'silent') })
  trial.give({ candidates })
  await trial.rest()

  const places = trial.connections.map(({ remoteAddr }) => candidates.findIndex(({ id }) => id === remoteAddr.toString()))
  t.deepEqual(places, places.toSorted((a, b) => b - a))
  checkNothingRuns(t, trial)
}, { numRuns: dose(60) })

testProp('race() dials addresses that a slow filter passes late', [
  fc.array(fc.record({ ms: fc.nat(2_000), passes: fc.boolean(), refuses: fc.nat(500) }), { minLength: 1, maxLength: 6 })
], async (t, specs) => {
  const candidates = specs.map((_, i) => cand(i + 1))
  const of = (one: Candidate): { ms: number, passes: boolean } | undefined => specs[candidates.indexOf(one)]
  const trial = tryOut(t, pipeline(filter('slow', async (one, { clock }) => {
    await new Promise<void>(resolve => { clock.setTimeout(resolve, of(one)?.ms ?? 0) })
    return of(one)?.passes === true
  }), race()))
  candidates.forEach((one, i) => { trial.script([one], { refuses: specs[i]?.refuses ?? 0 }) })
  trial.give({ candidates })
  await trial.rest()

  checkNothingRuns(t, trial)
  t.deepEqual(trial.host.attempts.map(({ candidate }) => candidate.id).toSorted(), candidates.filter(one => of(one)?.passes).map(({ id }) => id).toSorted())
}, { numRuns: dose(60) })
