// stages that return invalid values: a clear error that names the stage, and nothing left pending
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { dialable, fromCaller, pipelineOf, race, stage } from '../../src/stages/index.ts'
import { address } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { rejection } from './contract.ts'
import { BROKEN, LAYERS, NO_CONNECTIONS, NONSENSE, ODD_SOURCES } from './nonsense.ts'
import { tap } from './tap.ts'
import type { AnyStage } from '../../src/stages/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

for (const [what, odd] of NONSENSE) {
  test(`the dial fails with InvalidStageOutputError for ${what}`, async t => {
    const { error } = await dialled(t, [fromCaller(), dialable(), odd, race()])

    t.is(error.name, 'InvalidStageOutputError', error.message)
    t.regex(error.message, /^Stage "odd" /)
  })
}

for (const [what, odd] of ODD_SOURCES) {
  test(`the error of a dial without another source names the answer of ${what}`, async t => {
    const { error } = await dialled(t, [odd, dialable(), race()])

    t.is(error.name, 'NoValidAddressesError', error.message)
    t.regex(error.message, /\(odd failed: Stage "odd" found (text, which is no address: write multiaddr\('\/ip4\/192\.0\.2\.1\/tcp\/4001'\)|undefined)/)
    t.is(error.cause.name, 'InvalidStageOutputError')
  })
}

for (const [what, odd] of BROKEN) {
  test(`when ${what} throws, the dial fails with its error`, async t => {
    const thrown = new Error('the stage is broken')
    const { error } = await dialled(t, [fromCaller(), dialable(), odd(thrown), race()])

    // the error of a dropped address names the stage
    const reasons = error instanceof AggregateError ? error.errors : [error]
    t.true(reasons.every((one: Error) => one === thrown || (one.cause === thrown && one.message.includes(' was dropped by '))), String(reasons))
  })
}

for (const [what, layer, message] of LAYERS) {
  test(`the dial fails with a clear error for a layer around an attempt that ${what}`, async t => {
    const { error } = await dialled(t, [fromCaller(), dialable(), race({ attempt: [layer] })])

    t.true(error instanceof AggregateError)
    t.true(error.errors.every((one: Error) => message.test(one.message.replace(/ \(\/ip4\/.*\)$/, ''))), String(error.errors))
  })
}

for (const [what, layer] of NO_CONNECTIONS) {
  test(`the dial fails with a clear error for a layer around an attempt that ${what}`, async t => {
    const { error } = await dialled(t, [fromCaller(), dialable(), race({ attempt: [layer] })])

    t.true(error instanceof AggregateError)
    t.deepEqual(error.errors.map(({ name }: Error) => name), ['InvalidStageOutputError', 'InvalidStageOutputError'])
  })
}

test('a stage below the race that yields a non-connection fails with InvalidStageOutputError', async t => {
  const { error } = await dialled(t, [fromCaller(), dialable(), race(), stage({
    name: 'odd',
    accepts: ['connections'],
    yields: 'connections',
    run: async function * () { yield {} as any }
  })])

  t.is(error.name, 'InvalidStageOutputError')
  t.regex(error.message, /^Stage "odd" /)
})

test('connections that a stage below the race does not pass on are closed', async t => {
  const { error, node, remote } = await dialled(t, [fromCaller(), dialable(), race(), stage({
    name: 'odd',
    accepts: ['connections'],
    yields: 'connections',
    // eslint-disable-next-line require-yield -- the invalid value under test
    run: async function * (connections) {
      for await (const connection of connections) {
        void connection
      }
    }
  })])

  t.true(error instanceof Error)
  t.deepEqual(await until(() => node.getConnections(), ({ length }) => length === 0), [])
  t.deepEqual(await until(() => remote.getConnections(), ({ length }) => length === 0), [])
})

test('a stage that passes nothing on makes the dial reject with NoValidAddressesError', async t => {
  const { error } = await dialled(t, [fromCaller(), stage('odd', () => () => []), race()])

  t.is(error.name, 'NoValidAddressesError')
})

test('a stage whose work never ends makes the dial reject with TimeoutError', async t => {
  const { error } = await dialled(t, [fromCaller(), stage('odd', (_dial, work) => {
    work.add(new Promise(() => {}))

    return () => []
  }), race()], { dialTimeout: 2_000 })

  t.is(error.name, 'TimeoutError')
})

test('an error of perNode rejects the dial', async t => {
  const { error } = await dialled(t, [fromCaller(), stage('odd', () => ({ candidates }) => candidates, { perNode: () => { throw new Error('the stage is broken') } }), race()])

  t.is(error.message, 'the stage is broken')
})

/** Dials through the stages, checks that nothing is left, and that the node still dials through others */
async function dialled (t: ExecutionContext, stages: AnyStage[], connectionManager = {}): Promise<{ error: any, node: Libp2p, remote: Libp2p }> {
  const remote = await listening(t)
  const wire = tap(async dial => dial.connect(addressesOf(remote)[0]))
  const node = await listening(t, { listen: [], transports: [wire.transport], connectionManager, services: { dialer: dialer(staggered()) } })
  const target = [1, 2].map(n => address(n, remote.peerId))

  const error = await rejection(node.dial(target, { pipeline: pipelineOf(stages) as any }))

  t.deepEqual(await until(() => node.getDialQueue(), ({ length }) => length === 0), [])
  t.deepEqual(await until(() => node.getConnections(), ({ length }) => length === 0), [])
  // has its own signal, because some tests set a short dial timeout and the machine may be slow
  leadsTo(t, await node.dial(addressesOf(remote), { signal: new AbortController().signal }), remote)
  await node.stop()

  return { error, node, remote }
}
