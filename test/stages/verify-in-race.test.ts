import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { pace, pipeline } from '../../src/pipeline/index.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { verify } from '../../src/stages/verify.ts'
import { cand, runStage, tryOut, winners } from '../testing/try-out.ts'
import { isTidy, nameOf, outcomesOf, refuses } from './connection-checks.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

test('the race continues during a check, and the first verified connection wins', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race(), verify(async (connection, { signal }, { clock }) => {
    await sleep(nameOf(connection) === '1' ? 500 : 10, clock, signal)

    return true
  })))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [b, a] })
  await trial.pass(1_000)

  t.is(winners(trial), '2')
  t.deepEqual(outcomesOf(trial), ['2 connected @110'])
  // the attempt was in its check when the other won
  t.is(trial.host.story.of(a).attempts[0]?.result, 'cancelled')
  t.true(await isTidy(trial))
})

test('leaving during a check aborts it and closes the connection', async t => {
  let given: AbortSignal | undefined
  const trial = await runStage(t, pipeline(race(), verify(async (_connection, { signal }) => {
    given = signal

    return new Promise(() => {})
  })), [a], { script: { connects: 100 }, ms: 150 })
  t.is(trial.network.open.length, 1)
  trial.leave()
  await trial.settle()

  t.true(given?.aborted)
  t.is(trial.host.story.of(a).attempts[0]?.result, 'cancelled')
  t.deepEqual(trial.network.open, [])
  t.true(await isTidy(trial))
})

test('a connection that completes after the race was left is closed without a check', async t => {
  let checks = 0
  const trial = tryOut(t, pipeline(race(), verify(() => {
    checks++

    return true
  })))
  trial.host.ignoresSignal = true
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.leave()
  await trial.settle()
  await trial.pass(100)

  t.is(trial.network.attempts[0]?.connection?.status, 'closed')
  t.is(checks, 0)
  t.true(await isTidy(trial))
})

test('a connection under check does not give way', async t => {
  const trial = tryOut(t, pipeline(stagger(10), race({ attempt: [] }), verify(refuses(5_000), { timeout: 10_000 })))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [a], complete: false })
  await trial.pass(200)
  t.is(trial.host.story.of(a).attempts[0]?.firstResponseAt, trial.dial.clock.now() - 100)
  trial.host.hasSlots = false
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(winners(trial), '1')
})

test('a connection under check keeps the time of its first response', async t => {
  const seen = new Set<number | undefined>()
  const watch = pace('watch', ({ inFlight: [first], startedAt }) => {
    seen.add(first?.firstResponseAt == null ? undefined : first.firstResponseAt - startedAt)

    return Infinity
  })
  const trial = tryOut(t, pipeline(watch, race(), verify(refuses(5_000), { timeout: 10_000 })))
  trial.script([a], { connects: 100, firstResponse: 30 })
  trial.give({ candidates: [a, b] })
  await trial.pass(200)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(200)

  t.deepEqual([...seen], [undefined, 30])
})
