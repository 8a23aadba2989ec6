// mistakes of a first implementation of the race, one test for each
import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { fallback, pace, pipeline, retry, source, timeout } from '../../../src/pipeline/index.ts'
import { converge } from '../../../src/stages/converge.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { microtasks } from '../../support/microtasks.ts'
import { cands, dialled, runStage, tryOut, winners } from '../../testing/try-out.ts'
import { hangs, untried } from './trap-stages.ts'
import type { Candidate, DialPipeline } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = cands(1, 2, 3, 4) as [Candidate, Candidate, Candidate, Candidate]

test('no rule sees an attempt with an outcome in flight, and starts are 10 ms apart except after a failure', async t => {
  let seen = 0
  const watching = pace('watching', state => {
    seen++
    t.false(state.inFlight.some(({ candidate }) => state.outcomes.some(outcome => outcome.candidate.id === candidate.id)))

    return state.lastStart
  })
  const trial = tryOut(t, pipeline(watching, race()))
  trial.script([a], { refuses: 25 })
  trial.give({ candidates: cands(1, 2, 3, 4, 5, 6) })
  await trial.pass(1_000)
  t.true(seen > 0)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20', '4 @25', '5 @35', '6 @45'])
})

for (const [what, whole] of Object.entries<DialPipeline>({
  'a race': pipeline(fromCaller(), race()),
  'a race that converges': pipeline(fromCaller(), race(), converge()),
  'a retry in a timeout in a fallback': pipeline(fromCaller(), fallback(timeout(5_000, retry(race(), { retries: 0 }))))
})) {
  test(`a caller that joins while ${what} ends is dialled for, and no address is dialled twice`, async t => {
    for (let turns = 0; turns < 60; turns++) {
      const peer = await newPeer()
      const { engine, clock, network } = engineWorld(whole, { 1: { refuses: 100 }, 2: { connects: 10 } })
      const first = engine.dial(address(1, peer)).catch(() => {})
      let second: Promise<unknown> | undefined

      clock.setTimeout(() => {
        void microtasks(turns).then(() => { second = engine.dial(address(2, peer)) })
      }, 100)

      await clock.advance(1_000)
      await first
      t.truthy(await second)
      t.deepEqual(network.dialled, [address(1), address(2)].map(String))
      engine.stop()
      await engine.dials.idle()
    }
  })
}

test('the race dials no worse address after a connection, even when the list has lost the winner', async t => {
  const trial = tryOut(t, pipeline(untried(), race()))
  trial.script([a], { refuses: 400 })
  trial.script([b], { connects: 100 })
  trial.script([c, d], { connects: 100 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.is(winners(trial), '2')
})

for (const [what, stages] of [
  ['seven addresses are silent, one after another', pipeline(sequential(), race())],
  ['a source hangs', pipeline(hangs(), race())]
] as const) {
  test(`a limited connection is yielded in time when ${what}, and no further source is asked`, async t => {
    let asked = 0
    const search = source('further', () => {
      asked++

      return []
    }, { when: 'exhausted' })
    const trial = tryOut(t, pipeline(search, stages))
    trial.script([a], { connects: 100, isLimited: true })
    trial.give({ candidates: cands(1, 2, 3, 4, 5, 6, 7, 8) })
    await trial.pass(5_099)
    t.is(winners(trial), '')
    await trial.pass(1)
    t.is(winners(trial), '1')
    t.is(asked, 0)
  })
}

test('a stage that stops reading the race ends it with the dial', async t => {
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race(), converge({ linger: 100 })), { 2: { connects: 10 } })
  const peer = await newPeer()
  const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  t.is(connection.status, 'open')
  await clock.advance(100)
  await engine.dials.idle()
  t.true(network.attempts[0]?.signal.aborted)
  t.is(clock.pending, 0)
  engine.stop()
})

test('news wakes the waiting race in any nesting', async t => {
  const trial = await runStage(t, pipeline(source('slow', async ({ clock, signal }) => sleep(300, clock, signal).then(() => [b])), retry(timeout(10_000, fallback(pipeline(race()))))), [a], { script: { refuses: 10 }, ms: 350 })
  trial.give({ candidates: [a, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @300', '3 @550'])
})
