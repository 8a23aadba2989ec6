import test from 'ava'
import { pipeline, stage } from '../../src/pipeline/index.ts'
import { converge } from '../../src/stages/converge.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { verify } from '../../src/stages/verify.ts'
import { cand, preferring, runStage, tryOut, winners } from '../testing/try-out.ts'
import { nameOf, outcomesOf, refuses } from './connection-checks.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

test('converge() below verify() gets only verified connections', async t => {
  const trial = tryOut(t, pipeline(stagger(50), race(), verify(refuses(30, '1')), converge({ linger: 5_000 })), preferring(a, b, c))
  trial.script([a], { connects: 400 })
  trial.script([b], { connects: 300 })
  trial.script([c], { connects: 100 })
  trial.give({ candidates: [a, b, c] })
  await trial.pass(2_000)

  t.is(winners(trial), '3 2')
  t.deepEqual(outcomesOf(trial), ['3 connected @230', '2 connected @380', `1 verify refused ${a.id}: of another fleet @430`])
  t.true(trial.network.open.every(one => trial.connections.includes(one)))
})

test('the upper of two verify() checks first, and the lower only what it accepts', async t => {
  const asked: string[] = []
  const says = (name: string, answer: boolean): ReturnType<typeof verify> => verify(connection => {
    asked.push(`${name} ${nameOf(connection)}`)

    return answer || nameOf(connection) !== '1'
  })
  const nested = pipeline(says('b', true), converge({ linger: 0 }))
  const trial = await runStage(t, pipeline(pipeline(race(), says('a', false)), nested), [a, b], { script: { connects: 100 } })

  t.deepEqual(asked, ['a 1', 'a 2', 'b 2'])
  t.is(winners(trial), '2')
})

test('two adjacent verify() check in order', async t => {
  const asked: string[] = []
  const says = (name: string): ReturnType<typeof verify> => verify(() => {
    asked.push(name)

    return true
  })
  await runStage(t, pipeline(race(), says('a'), says('b'), says('c')), [a], { script: { connects: 100 } })
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
  trial.script([a], { connects: 100 })
  trial.script([b, c], { connects: 0 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(asked, ['above 1', 'below 1', 'below 2', 'below 3'])
  t.is(winners(trial), '1 3')
  t.is(trial.network.open.length, 2)
  t.deepEqual(trial.host.errors, [])
})
