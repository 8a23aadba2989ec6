import { getEventListeners } from 'node:events'
import test from 'ava'
import { VerificationError } from '../../src/pipeline/errors.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { fallback, pace, pipeline, retry, stage, timeout } from '../../src/pipeline/index.ts'
import { converge } from '../../src/stages/converge.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { take } from '../../src/stages/take.ts'
import { verify } from '../../src/stages/verify.ts'
import { connectionTo } from '../../src/testing/compliance/lifecycle.ts'
import { cand, dialled, errorsOf, short, preferring, tryOut, winners } from '../testing/try-out.ts'
import { listeners } from './listeners.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { Clock } from '../../src/pipeline/clock.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]
const nameOf = ({ remoteAddr }: { remoteAddr: { toString (): string } }): string => short([remoteAddr.toString()])

/** Answers after `ms`: false or the reason for the named candidates, else true */
const refuses = (ms: number, ...names: string[]): CheckConnection => async (connection, { signal }, { clock }) => {
  await sleep(ms, clock, signal)

  return !names.includes(nameOf(connection)) || 'of another fleet'
}

const hangs: CheckConnection = async () => new Promise(() => {})

function ended (trial: StageRun): string[] {
  return trial.dial.outcomes.map(outcome => `${short([outcome.candidate])} ${outcome.status === 'failed' ? outcome.error.message : outcome.status} @${trial.since(outcome.endedAt)}`)
}

/** Returns whether only yielded connections are open after the dial, without timers and listeners */
async function isTidy (trial: StageRun): Promise<boolean> {
  trial.leave()
  await trial.settle()

  return trial.network.open.every(one => trial.connections.includes(one)) && trial.clock.pending === 0 && listeners(trial) === 0 &&
    trial.network.attempts.every(({ connection }) => connection == null || getEventListeners(connection as unknown as EventTarget, 'close').length === 0)
}

test('verify() closes a refused connection, records a failure, and the race continues', async t => {
  const trial = tryOut(t, pipeline(stagger(1_000), race(), verify(refuses(50, '1', '2'))))
  trial.script([a, b, c], { connects: 100 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @150', '3 @300'])
  t.is(winners(trial), '3')
  t.deepEqual(ended(trial), [
    `1 verify refused ${a.id}: of another fleet @150`,
    `2 verify refused ${b.id}: of another fleet @300`,
    '3 connected @450'
  ])
  t.deepEqual(trial.network.open, trial.connections)
  t.true(await isTidy(trial))
})

test('the race continues during a check, and the first verified connection wins', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race(), verify(async (connection, { signal }, { clock }) => {
    await sleep(nameOf(connection) === '1' ? 500 : 10, clock, signal)

    return true
  })))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [b, a] })
  await trial.pass(1_000)

  t.is(winners(trial), '2')
  t.deepEqual(ended(trial), ['2 connected @110'])
  // the attempt was in its check when the other won
  t.is(trial.host.story.of(a).attempts[0]?.result, 'cancelled')
  t.true(await isTidy(trial))
})

test('when verify() refuses all connections, the dial ends without one', async t => {
  const trial = tryOut(t, pipeline(race(), verify(() => false)))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.true(trial.ended)
  t.is(trial.connections.length, 0)
  t.deepEqual(ended(trial), [`1 verify refused ${a.id} @100`, `2 verify refused ${b.id} @200`])
  t.deepEqual(trial.network.open, [])
  t.true(await isTidy(trial))
})

test('a check that throws or rejects refuses, with its error in the outcome', async t => {
  const error = new Error('The database is down')
  const throwsNow: CheckConnection = () => { throw error }
  const throwsLater: CheckConnection = async () => { throw error }

  for (const check of [throwsNow, throwsLater]) {
    const trial = tryOut(t, pipeline(race(), verify(check)))
    trial.script([a], { connects: 100 })
    trial.give({ candidates: [a] })
    await trial.rest()

    const [outcome] = trial.dial.outcomes
    t.true(outcome?.status === 'failed' && outcome.error instanceof VerificationError)
    t.true(outcome?.status === 'failed' && outcome.error.cause === error)
    t.regex(ended(trial)[0] ?? '', /: The database is down @100$/)
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
    const trial = tryOut(t, pipeline(race(), verify(check, init)))
    trial.script([a], { connects: 100 })
    trial.give({ candidates: [a] })
    await trial.pass(100 + ms - 1)
    t.is(trial.network.open.length, 1)
    await trial.pass(1)

    t.deepEqual(ended(trial), [`1 verify refused ${a.id}: the check took longer than ${ms} ms @${100 + ms}`])
    t.is(given?.reason.name, 'TimeoutError')
    t.true(trial.ended)
    t.true(await isTidy(trial))
  }
})

test('a connection that closes during its check is refused at once', async t => {
  const trial = tryOut(t, pipeline(race(), verify(hangs)))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.pass(150)
  await trial.network.open[0]?.close()
  await trial.settle()

  t.deepEqual(ended(trial), [`1 verify refused ${a.id}: it was closed while it was checked @150`])
  t.true(trial.ended)
  t.true(await isTidy(trial))
})

test('a check that returns no boolean or reason fails with InvalidStageOutputError', async t => {
  const trial = tryOut(t, pipeline(race(), verify((() => {}) as unknown as CheckConnection)))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()

  const [outcome] = trial.dial.outcomes
  t.is(outcome?.status === 'failed' ? outcome.error.name : undefined, 'InvalidStageOutputError')
  t.true(await isTidy(trial))
})

test('leaving during a check aborts it and closes the connection', async t => {
  let given: AbortSignal | undefined
  const trial = tryOut(t, pipeline(race(), verify(async (_connection, { signal }) => {
    given = signal

    return new Promise(() => {})
  })))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.pass(150)
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

test('converge() below verify() gets only verified connections', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race(), verify(refuses(30, '1')), converge({ linger: 5_000 })), preferring(a, b, c))
  trial.script([a], { connects: 400 })
  trial.script([b], { connects: 300 })
  trial.script([c], { connects: 100 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(2_000)

  t.is(winners(trial), '3 2')
  t.deepEqual(ended(trial), ['3 connected @230', '2 connected @380', `1 verify refused ${a.id}: of another fleet @430`])
  t.true(trial.network.open.every(one => trial.connections.includes(one)))
})

test('the upper of two verify() checks first, and the lower only what it accepts', async t => {
  const asked: string[] = []
  const says = (name: string, answer: boolean): ReturnType<typeof verify> => verify(connection => {
    asked.push(`${name} ${nameOf(connection)}`)

    return answer || nameOf(connection) !== '1'
  })
  const nested = pipeline(says('b', true), converge({ linger: 0 }))
  const trial = tryOut(t, pipeline(pipeline(race(), says('a', false)), nested))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.deepEqual(asked, ['a 1', 'a 2', 'b 2'])
  t.is(winners(trial), '2')
})

test('two adjacent verify() check in order', async t => {
  const asked: string[] = []
  const says = (name: string): ReturnType<typeof verify> => verify(() => {
    asked.push(name)

    return true
  })
  const trial = tryOut(t, pipeline(race(), says('a'), says('b'), says('c')))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(asked, ['a', 'b', 'c'])
})

test('verify() does not check connections that a later stage adds', async t => {
  let made: StageRun | undefined
  const elsewhere = stage({
    name: 'elsewhere',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * (connections) {
      for await (const connection of connections) {
        yield connection
        yield * await Promise.all([b, c].map(async ({ multiaddr }) => (made as StageRun).network.dial(multiaddr, {})))
      }
    }
  })
  const asked: string[] = []
  const says = (name: string, refused?: string): ReturnType<typeof verify> => verify(connection => {
    asked.push(`${name} ${nameOf(connection)}`)

    return nameOf(connection) !== refused
  })
  const trial = made = tryOut(t, pipeline(race(), says('above'), elsewhere, says('below', '2')))
  const logged = errorsOf(trial)
  trial.script([a], { connects: 100 })
  trial.script([b, c], { connects: 0 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(asked, ['above 1', 'below 1', 'below 2', 'below 3'])
  t.is(winners(trial), '1 3')
  t.is(trial.network.open.length, 2)
  t.deepEqual(logged, [])
})

test('verify() in a nested pipeline of connections applies to the race above it', async t => {
  const trial = tryOut(t, pipeline(race(), pipeline(verify(refuses(0, '1')), converge({ linger: 0 }))))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.is(winners(trial), '2')
})

test('verify() does not apply to the next alternative of fallback()', async t => {
  const trial = tryOut(t, fallback(pipeline(take(1), race(), verify(() => false)), race()))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  // the fallback has no check
  t.deepEqual(ended(trial), [`1 verify refused ${a.id} @100`, '1 connected @200'])
  t.is(winners(trial), '1')
})

test('an alternative with the same check does not dial a refused address again', async t => {
  const strict = verify(() => false)
  const trial = tryOut(t, fallback(pipeline(race(), strict), pipeline(race(), pipeline(strict, converge())), race()))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(ended(trial), [`1 verify refused ${a.id} @100`, '1 connected @200'])
})

test('a refused address is dialled again only in an alternative without the check that refused it', async t => {
  const [known, member] = [verify(() => true), verify(() => 'not a member')]
  const trial = tryOut(t, fallback(pipeline(race(), member, known), pipeline(race(), member), pipeline(race(), known)))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(ended(trial), [`1 verify refused ${a.id}: not a member @100`, '1 connected @200'])
})

test('a check below fallback() refuses an address for all alternatives', async t => {
  const trial = tryOut(t, pipeline(fallback(race(), race()), verify(() => false)))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(ended(trial), [`1 verify refused ${a.id} @100`])
})

test('a check below a combinator applies to each race in it', async t => {
  for (const inner of [fallback(pipeline(race()), race()), timeout(10_000, race()), retry(race(), { delay: 100 }), pipeline(race())]) {
    const trial = tryOut(t, pipeline(inner, verify(refuses(10, '1'))))
    trial.script([a, b], { connects: 100 })
    trial.give({ candidates: [a, b] })
    await trial.rest()
    t.is(winners(trial), '2', inner.name)
    t.is(trial.network.open.length, 1)
  }
})

test('retry() repeats a pipeline when the check failed, and not when it refused', async t => {
  for (const [check, tries] of [[() => 'of another fleet', 1], [() => { throw new Error('The database is down') }, 2]] as const) {
    const trial = tryOut(t, retry(pipeline(race(), verify(check)), { delay: 100 }))
    trial.script([a], { connects: 100 })
    trial.give({ candidates: [a] })
    await trial.rest()
    t.is(trial.network.attempts.length, tries)
    t.true(await isTidy(trial))
  }
})

test('timeout() runs until a connection is verified', async t => {
  const trial = tryOut(t, timeout(500, pipeline(race(), verify(hangs))))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.pass(500)

  t.true(trial.ended)
  t.deepEqual(trial.network.open, [])
  t.true(await isTidy(trial))
})

test('a connection under check does not give way', async t => {
  const trial = tryOut(t, pipeline(stagger(10), race({ attempt: [] }), verify(refuses(5_000), { timeout: 10_000 })))
  trial.script([a, b], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.pass(200)
  t.is(trial.host.story.of(a).attempts[0]?.firstResponseAt, trial.dial.clock.now() - 100)
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
  const trial = tryOut(t, pipeline(race(), verify((_connection, _options, components) => {
    clock = components.clock

    return true
  })))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.is(clock, trial.clock)
  t.is(winners(trial), '1')
})
