import test from 'ava'
import { adaptive, goLike, staggered } from '../../presets/index.ts'
import { attach, dialer } from '../../src/index.ts'
import { converge, dialable, fallback, fromCaller, gater, pipeline, race } from '../../src/stages/index.ts'
import { pacedClock } from '../helpers/paced-clock.ts'
import { until } from '../helpers/until.ts'
import { oneBehindRelay, overRelay } from './behind-relay.ts'
import { addressesOf, dialling, listening, mute } from './kit.ts'
import type { PacedClock } from '../helpers/paced-clock.ts'
import type { DialerInit, DialPipeline } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

interface Scene {
  readonly node: Libp2p<any>
  readonly paced: PacedClock
  /** Connects twice to a peer. Returns the number of connections after two minutes */
  left (): Promise<number>
}

function around (t: ExecutionContext, node: Libp2p<any>, paced: PacedClock): Scene {
  return {
    node,
    paced,
    left: async () => {
      const remote = await listening(t, { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'] })
      const connections = [await node.dial(addressesOf(remote)[0]), await node.dial(addressesOf(remote)[1] ?? [], { force: true })]
      t.true(connections.every(({ status }) => status === 'open'))
      paced.speed = 200
      const begin = paced.clock.now()
      await until(() => paced.clock.now(), now => now > begin + 120_000 || node.getConnections(remote.peerId).length === 1, 60_000)
      paced.speed = 1

      return node.getConnections(remote.peerId).length
    }
  }
}

async function scene (t: ExecutionContext, whole: DialPipeline, init: DialerInit = {}): Promise<Scene> {
  const paced = pacedClock(t)

  return around(t, await dialling(t, whole, { dialerInit: { ...init, clock: paced.clock } }), paced)
}

const CONVERGING = staggered().after('race', converge())

const NODES: ReadonlyArray<[string, DialPipeline, DialerInit, number]> = [
  ['adaptive()', adaptive(), {}, 1],
  ['goLike()', goLike(), {}, 1],
  ['adaptive() with convergence: false', adaptive(), { convergence: false }, 2],
  ['staggered()', staggered(), {}, 2],
  ['converge() in an alternative', fallback(pipeline(fromCaller(), dialable(), gater(), race()), pipeline(fromCaller(), dialable(), gater(), race(), converge())), {}, 1]
]

for (const [name, whole, init, left] of NODES) {
  test(`${name}: ${left === 1 ? 'one of' : 'both'} two connections to a peer remain, also after dials with other pipelines`, async t => {
    const here = await scene(t, whole, init)
    t.is(await here.left(), left)

    for (const own of [CONVERGING, staggered(), staggered().after('race', converge({ linger: 10 }))]) {
      const remote = await listening(t)
      await here.node.dial(addressesOf(remote), { pipeline: own })
      t.is(await here.left(), left)
    }
  })
}

test('a pipeline with converge() for one dial makes that dial linger, unless the node has convergence: false', async t => {
  for (const [whole, init, goesOn] of [[staggered(), {}, 1], [adaptive(), { convergence: false }, 0]] as const) {
    const [{ node: { peerId }, indirect }, dead] = await Promise.all([oneBehindRelay(t), mute(t)])
    const node = await dialling(t, whole, { ...overRelay(), dialerInit: init })
    await node.dial([dead.multiaddr.encapsulate(`/p2p/${peerId}`), indirect], { runOnLimitedConnection: true, pipeline: CONVERGING })
    t.is(await until(() => dead.open, open => open === goesOn), goesOn)
  }
})

test('use() turns convergence on and off', async t => {
  const here = await scene(t, staggered())
  t.is(await here.left(), 2)
  here.node.services.dialer.use(adaptive())
  t.is(await here.left(), 1)
  here.node.services.dialer.use(staggered())
  t.is(await here.left(), 2)
})

test('use() does not turn convergence on when the node has convergence: false', async t => {
  const here = await scene(t, staggered(), { convergence: false })
  here.node.services.dialer.use(adaptive())
  t.is(await here.left(), 2)
})

test('two nodes with one pipeline converge by their own options', async t => {
  const whole = adaptive()
  const [on, off] = [await scene(t, whole), await scene(t, whole, { convergence: false })]
  t.deepEqual([await on.left(), await off.left()], [1, 2])
})

test('the node\'s convergence options apply to each converging pipeline', async t => {
  const events: unknown[] = []
  const here = await scene(t, adaptive(), { convergence: { order: ['ws', 'tcp'], idle: 0, onPreferredChange: one => { events.push(one) } } })
  here.node.services.dialer.use(staggered())
  here.node.services.dialer.use(CONVERGING)
  const remote = await listening(t)
  await here.node.dial(addressesOf(remote, 'tcp'))
  await here.node.dial(addressesOf(remote, 'ws'), { force: true })
  t.is(events.length, 1)
})

test('connections that were open before attach() converge too', async t => {
  const paced = pacedClock(t)
  const node: Libp2p = await listening(t, { listen: [] })
  const remote = await listening(t, { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'] })
  const [one, two] = addressesOf(remote)
  await node.dial(one)
  await node.dial(two ?? [], { force: true })
  t.is(node.getConnections().length, 2)
  const attached = attach(node, adaptive(), { clock: paced.clock })
  paced.speed = 200
  t.is(await until(() => node.getConnections().length, count => count === 1), 1)
  attached.detach()
})

test('a node converges while a converging dialer is attached', async t => {
  const paced = pacedClock(t)
  const node: Libp2p = await listening(t, { listen: [] })
  const here = around(t, node, paced)
  t.is(await here.left(), 2)

  for (const [whole, left] of [[adaptive(), 1], [staggered(), 2], [CONVERGING, 1]] as const) {
    const attached = attach(node, whole, { clock: paced.clock })
    t.is(await here.left(), left)
    attached.detach()
    t.is(await here.left(), 2)
  }
})

test('a detached dialer closes no connections', async t => {
  const paced = pacedClock(t)
  const node: Libp2p = await listening(t, { listen: [] })
  const remote = await listening(t, { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'] })
  const [one, two] = addressesOf(remote)
  const attached = attach(node, adaptive(), { clock: paced.clock })
  await node.dial(one)
  await node.dial(two ?? [], { force: true })
  attached.detach()
  paced.speed = 200
  const begin = paced.clock.now()
  await until(() => paced.clock.now(), now => now > begin + 120_000)
  t.is(node.getConnections().length, 2)
  // libp2p's own choice is restored
  t.false(Object.hasOwn((node as any).components.connectionManager.connectionPruner, 'sortConnections'))
})

test('a node converges again after stop() and start()', async t => {
  const here = await scene(t, adaptive())
  t.is(await here.left(), 1)

  for (let round = 0; round < 2; round++) {
    await here.node.stop()
    await here.node.start()
    t.is(await here.left(), 1)
  }
})

test('dialer() with convergence throws for a pipeline without converge(), and says where to put it', t => {
  const node = { components: {} }

  for (const convergence of [{}, { idle: 5_000 }]) {
    for (const [name, make] of [['dialer', () => dialer(staggered(), { convergence })], ['attach', () => attach(node, staggered(), { convergence })]] as const) {
      t.throws(make, { name: 'InvalidParametersError', message: `${name}({ convergence }) says how connections converge, and the pipeline has no converge(): append it, as in staggered().after('race', converge())` })
    }
  }

  t.notThrows(() => dialer(staggered(), { convergence: false }))
  t.notThrows(() => dialer(CONVERGING, { convergence: { idle: 5_000 } }))
})

test('inserting converge() replaces the preset\'s own', t => {
  const changed = adaptive().after('race', converge({ linger: 5_000 }))
  t.deepEqual(changed.stages.map(({ name }) => name).filter(name => name === 'converge'), ['converge'])
  t.is(changed.stages.length, adaptive().stages.length)
})

test('preferred() throws for an argument that is not a peer id', async t => {
  const [node, remote] = await Promise.all([dialling(t, adaptive()), listening(t)])
  const connection = await node.dial(remote.getMultiaddrs())
  t.is(node.services.dialer.preferred(remote.peerId), connection)

  for (const wrong of [undefined, null, `${remote.peerId}`, remote.getMultiaddrs()[0]]) {
    t.throws(() => node.services.dialer.preferred(wrong as any), { name: 'InvalidParametersError', message: /^preferred\(\) needs a peer id, not / })
  }
})
