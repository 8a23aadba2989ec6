import test from 'ava'
import { VerificationError } from '../../src/pipeline/errors.ts'
import { pipeline } from '../../src/pipeline/index.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { verify } from '../../src/stages/verify.ts'
import { connectionTo } from '../../src/testing/compliance/lifecycle.ts'
import { cand, dialled, runStage, tryOut, winners } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import { hangs, isTidy, outcomesOf, refuses } from './connection-checks.ts'
import type { Clock } from '../../src/pipeline/clock.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

test('verify() closes a refused connection, records a failure, and the race continues', async t => {
  const trial = await runStage(t, pipeline(stagger(1_000), race(), verify(refuses(50, '1', '2'))), [a, b, c], { script: { connects: 100 } })

  t.deepEqual(dialled(trial), ['1 @0', '2 @150', '3 @300'])
  t.is(winners(trial), '3')
  t.deepEqual(outcomesOf(trial), [
    `1 verify refused ${a.id}: of another fleet @150`,
    `2 verify refused ${b.id}: of another fleet @300`,
    '3 connected @450'
  ])
  t.deepEqual(trial.network.open, trial.connections)
  t.true(await isTidy(trial))
})

test('when verify() refuses all connections, the dial ends without one', async t => {
  const trial = await runStage(t, pipeline(race(), verify(() => false)), [a, b], { script: { connects: 100 } })

  t.true(trial.ended)
  t.is(trial.connections.length, 0)
  t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id} @100`, `2 verify refused ${b.id} @200`])
  t.deepEqual(trial.network.open, [])
  t.true(await isTidy(trial))
})

test('a check that throws or rejects refuses, with its error in the outcome', async t => {
  const error = new Error('The database is down')
  const throwsNow: CheckConnection = () => { throw error }
  const throwsLater: CheckConnection = async () => { throw error }

  for (const check of [throwsNow, throwsLater]) {
    const trial = await runStage(t, pipeline(race(), verify(check)), [a], { script: { connects: 100 } })

    const [outcome] = trial.dial.outcomes
    const failure = outcome?.status === 'failed' ? outcome.error : undefined
    t.true(failure instanceof VerificationError, outcome?.status)
    t.is(failure?.cause, error)
    t.regex(outcomesOf(trial)[0] ?? '', /: The database is down @100$/)
    t.true(await isTidy(trial))
  }
})

test('a check that hangs is refused after addressDialTimeout or the timeout option, and its signal aborts', async t => {
  let given: AbortSignal | undefined
  const check: CheckConnection = async (connection, { signal }) => {
    given = signal

    return hangs(connection, { signal }, {} as any)
  }

  for (const [init, ms] of [[{ timeout: 300 }, 300], [{}, 6_000]] as const) {
    const trial = await runStage(t, pipeline(race(), verify(check, init)), [a], { script: { connects: 100 }, ms: 100 + ms - 1 })
    t.is(trial.network.open.length, 1)
    await trial.pass(1)

    t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id}: the check took longer than ${ms} ms @${100 + ms}`])
    t.is(given?.reason.name, 'TimeoutError')
    t.true(trial.ended)
    t.true(await isTidy(trial))
  }
})

test('a connection that closes during its check is refused at once', async t => {
  const trial = await runStage(t, pipeline(race(), verify(hangs)), [a], { script: { connects: 100 }, ms: 150 })
  await trial.network.open[0]?.close()
  await trial.settle()

  t.deepEqual(outcomesOf(trial), [`1 verify refused ${a.id}: it was closed while it was checked @150`])
  t.true(trial.ended)
  t.true(await isTidy(trial))
})

test('a check that returns no boolean or reason fails with InvalidStageOutputError', async t => {
  const trial = await runStage(t, pipeline(race(), verify((() => {}) as unknown as CheckConnection)), [a], { script: { connects: 100 } })

  const [outcome] = trial.dial.outcomes
  t.is(outcome?.status === 'failed' ? outcome.error.name : undefined, 'InvalidStageOutputError')
  t.true(await isTidy(trial))
})

test('verify() checks connections that no race of the dial made', async t => {
  const trial = tryOut(t, verify(refuses(100, '1', '3')), { from: 'connections' })
  const given = [await connectionTo(trial, a), await connectionTo(trial, b), await connectionTo(trial, c)]
  given.forEach(one => { trial.upstream.give(one) })
  await trial.pass(250)
  t.is(winners(trial), '2')
  t.deepEqual(given.map(({ status }) => status), ['closed', 'open', 'open'])
  // the third attempt is in its check, which has a listener
  t.is(listeners(trial), 1)
  trial.leave()
  await trial.settle()
  t.deepEqual(given.map(({ status }) => status), ['closed', 'open', 'closed'])
  t.true(await isTidy(trial))
})

test('the check receives the components of the node', async t => {
  let clock: Clock | undefined
  const trial = await runStage(t, pipeline(race(), verify((_connection, _options, components) => {
    clock = components.clock

    return true
  })), [a], { script: { connects: 100 } })
  t.is(clock, trial.dialClock)
  t.is(winners(trial), '1')
})
