import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { pipeline } from '../../src/pipeline/index.ts'
import { stopNodeStates, prepare } from '../../src/pipeline/runtime/make-stage.ts'
import { race } from '../../src/stages/race.ts'
import { requireProtocol } from '../../src/stages/require-protocol.ts'
import { world } from '../helpers/scripted.ts'
import { cand, tryOut, winners } from '../testing/try-out.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { Connection, IdentifyResult, Libp2pEvents } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const [a, b] = [cand(1), cand(2)]

interface Scene {
  trial: StageRun
  events: TypedEventEmitter<Libp2pEvents>
  /** Emits an identify event of the peer with its protocols, for the newest connection or the given one */
  identify (protocols: string[], connection?: Connection): void
}

function scene (t: ExecutionContext, ...protocols: [string, ...string[]]): Scene {
  const events = new TypedEventEmitter<Libp2pEvents>()
  const trial = tryOut(t, pipeline(race(), requireProtocol(...protocols)), { components: () => ({ events }) })
  trial.script([a, b], { connects: 100 })

  return {
    trial,
    events,
    identify: (protocols, connection = trial.network.open.at(-1)) => {
      events.safeDispatchEvent('peer:identify', { detail: { connection, protocols } as IdentifyResult })
    }
  }
}

test('requireProtocol() yields a peer that supports all protocols, once identify says so', async t => {
  const { trial, identify } = scene(t, '/a/1', '/b/1')
  trial.give({ candidates: [a] })
  await trial.pass(150)
  t.is(trial.connections.length, 0)
  identify(['/c/1', '/b/1', '/a/1'])
  await trial.settle()
  t.is(winners(trial), '1')
  t.is(trial.clock.pending, 0)
})

test('requireProtocol() closes a connection to a peer without the protocols, and dials the next address', async t => {
  const { trial, identify } = scene(t, '/a/1', '/b/1')
  trial.give({ candidates: [a, b] })
  await trial.pass(110)
  identify(['/a/1'])
  await trial.pass(150)
  identify(['/a/1', '/b/1'])
  await trial.settle()

  t.is(winners(trial), '2')
  t.is(trial.network.open.length, 1)
  const [failed] = trial.dial.outcomes
  t.is(failed?.status === 'failed' ? failed.error.message : '', `require-protocol refused ${a.id}: the peer does not speak /b/1`)
})

test('requireProtocol() refuses a peer that does not identify within addressDialTimeout', async t => {
  const { trial } = scene(t, '/a/1')
  trial.give({ candidates: [a] })
  await trial.rest()
  const [failed] = trial.dial.outcomes
  t.is(failed?.status === 'failed' ? failed.error.message : '', `require-protocol refused ${a.id}: identify took longer than 6000 ms`)
  t.deepEqual(trial.network.open, [])
})

test('requireProtocol() does not wait for a peer that identified before the check', async t => {
  const { trial, identify } = scene(t, '/a/1')
  const dial = trial.network.dial.bind(trial.network)
  trial.network.dial = async (...args) => {
    const connection = await dial(...args)
    identify(['/a/1'], connection)

    return connection
  }
  trial.give({ candidates: [a] })
  await trial.pass(100)
  t.is(winners(trial), '1')
})

test('requireProtocol() ignores identify over another connection', async t => {
  const { trial, identify } = scene(t, '/a/1')
  trial.give({ candidates: [a] })
  await trial.pass(150)
  identify(['/a/1'], { id: 'another' } as Connection)
  await trial.settle()
  t.is(trial.connections.length, 0)
})

test('requireProtocol() adds one listener to a node, removed when the dialer detaches', t => {
  const { components } = world()
  const events = components.events as TypedEventEmitter<Libp2pEvents>

  for (let i = 0; i < 10; i++) {
    prepare(pipeline(race(), requireProtocol('/a/1')), components)
  }

  t.is(events.listenerCount('peer:identify'), 1)
  stopNodeStates(components)
  t.is(events.listenerCount('peer:identify'), 0)
})

test('requireProtocol() throws without a protocol', t => {
  t.throws(() => requireProtocol(...[] as unknown as [string]), { name: 'InvalidPipelineError' })
})
