import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, aggressive, staggered } from '../../presets/index.ts'
import { attach, dialer } from '../../src/index.ts'
import { dialable, fromCaller, fromPeerStore, pipeline, race, retry } from '../../src/stages/index.ts'
import { createNode } from '../helpers/node.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, leadsTo, listening } from './kit.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

test('attach() throws for a foreign connection manager, and names what is missing', async t => {
  const node = await listening(t, { listen: [] })
  const { components } = node as any

  for (const [connectionManager, missing] of [
    [{}, /connectionManager\.dialQueue\.dial, connectionManager\.dialQueue\.isDialable/],
    [{ dialQueue: {} }, /dialQueue\.dial, .*dialQueue\.isDialable, .*dialQueue\.start, .*dialQueue\.stop/],
    [{ dialQueue: { dial () {}, isDialable () {}, start () {}, stop () {} } }, /dialQueue\.queue\.queue/]
  ] as const) {
    t.throws(() => attach({ components: { ...components, connectionManager } }, staggered()), { name: 'IncompatibleConnectionManagerError', message: missing })
  }
})

test('attach() names each missing part of libp2p that it relies on', async t => {
  const node = await listening(t, { listen: [] })
  const { components } = node as any
  const { connectionManager } = components
  const paths = ['openConnection', 'getConnections', 'dialQueue.dial', 'dialQueue.stop', 'dialQueue.maxPeerAddrsToDial', 'dialQueue.dialTimeout', 'dialQueue.maxDialQueueLength', 'dialQueue.resolvers', 'dialQueue.shutDownController', 'dialQueue.queue.queue', 'dialQueue.queue.concurrency', 'dialQueue.queue.pending', 'dialQueue.queue.safeDispatchEvent', 'connectionPruner.sortConnections']

  for (const path of paths) {
    t.throws(() => attach({ components: { ...components, connectionManager: without(connectionManager, path.split('.')) } }, staggered()), { name: 'IncompatibleConnectionManagerError', message: new RegExp(path.replaceAll('.', '\\.')) }, path)
  }
})

/** Returns a copy without one member */
function without (target: any, [name, ...rest]: string[]): any {
  return Object.create(target, { [name as string]: { value: rest.length === 0 ? undefined : without(target[name as string], rest) } })
}

test('a node with a foreign connection manager is not created', async t => {
  const foreign = (components: any): unknown => dialer(staggered())({ ...components.components, connectionManager: { openConnection: async () => {} } })

  await t.throwsAsync(createNode({ listen: [], start: false, services: { foreign } }), { name: 'IncompatibleConnectionManagerError', message: /libp2p 3/ })
})

test('with orElse: \'libp2p\', a node whose dialer cannot be replaced keeps libp2p\'s and logs it', async t => {
  const remote = await listening(t)
  const errors: string[] = []
  const spoilt = (components: any): unknown => {
    const logger = { forComponent: () => Object.assign(() => {}, { error: (...args: unknown[]) => { errors.push(args.join(' ')) } }) }
    const connectionManager = Object.create(components.connectionManager, { dialQueue: { value: {} } })

    return dialer(staggered(), { orElse: 'libp2p' })(Object.create(components, { connectionManager: { value: connectionManager }, logger: { value: logger } }))
  }
  const node = await listening(t, { listen: [], services: { spoilt } })

  t.is((node.services as any).spoilt, undefined)
  leadsTo(t, await node.dial(addressesOf(remote)), remote)
  t.regex(errors.join(), /libp2p's own dialer dials.*IncompatibleConnectionManagerError/s)
})

test('a second attach() throws while a dialer is attached', async t => {
  const node = await dialling(t, staggered())
  const { components } = node as any
  const expected = { name: 'IncompatibleConnectionManagerError', message: /has a dialer already/ }

  t.throws(() => attach(node, staggered()), expected)
  await t.throwsAsync(createNode({ listen: [], start: false, services: { a: dialer(staggered()), b: dialer(staggered()) } }), expected)

  node.services.dialer.detach()
  attach(node, staggered()).detach()
  t.is(typeof components.connectionManager.dialQueue.dial, 'function')
})

test('attach() throws while a dialer from another copy of the package is attached', async t => {
  const node = await listening(t, { listen: [] })
  const { dialQueue } = (node as any).components.connectionManager
  dialQueue[Symbol.for('libp2p-dial-pipeline.attached')] = 'one of another copy'

  t.throws(() => attach(node, staggered()), { name: 'IncompatibleConnectionManagerError', message: /has a dialer already: one of another copy/ })
})

test('attach() throws for an object that is not a node', t => {
  t.throws(() => attach({}, staggered()), { name: 'InvalidParametersError' })
})

test('dialer() throws for a pipeline that cannot dial', async t => {
  const make = async (faulty: any) => createNode({ listen: [], start: false, services: { dialer: dialer(faulty) } })

  await t.throwsAsync(make(pipeline(fromCaller(), dialable())), { name: 'InvalidPipelineError', message: /put race\(\) below/ })
  await t.throwsAsync(make(pipeline(dialable(), race())), { name: 'InvalidPipelineError', message: /put a source such as fromCaller\(\) above/ })
  await t.throwsAsync(make(pipeline(dialable())), { name: 'InvalidPipelineError', message: /above; it ends with candidates/ })
  await t.throwsAsync(make(undefined), { name: 'InvalidPipelineError' })
  await t.throwsAsync(make(fromCaller), { name: 'InvalidPipelineError' })
})

test('attach() that throws leaves a running node unchanged', async t => {
  const [node, remote] = await Promise.all([listening(t, { listen: [] }), listening(t)])
  const { dialQueue, openConnection } = (node as any).components.connectionManager

  t.throws(() => attach(node, pipeline(fromPeerStore()) as any), { name: 'InvalidPipelineError' })

  t.is((node as any).components.connectionManager.dialQueue, dialQueue)
  t.is((node as any).components.connectionManager.openConnection, openConnection)
  leadsTo(t, await node.dial(addressesOf(remote)), remote)
})

test('a dial with an invalid pipeline rejects', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])

  await t.throwsAsync(node.dial(addressesOf(remote), { pipeline: pipeline(fromCaller()) as any }), { name: 'InvalidPipelineError', message: /race/ })
  leadsTo(t, await node.dial(addressesOf(remote)), remote)
})

test('an option that no stage reads rejects with UnsupportedDialOptionError, by each way to dial', async t => {
  const [node, remote, peer] = await Promise.all([dialling(t, staggered().without('provenance')), listening(t), newPeer()])
  const options: any = { provenance: ['user'] }
  await remote.handle('/test/1.0.0', () => {})
  const expected = { name: 'UnsupportedDialOptionError', message: /"provenance"/ }

  await t.throwsAsync(node.dial(addressesOf(remote), options), expected)
  await t.throwsAsync(node.dial(peer, options), expected)
  await t.throwsAsync(node.dialProtocol(addressesOf(remote), '/test/1.0.0', options), expected)
  t.deepEqual(node.services.dialer.traces(), [])

  leadsTo(t, await node.dial(addressesOf(remote), { provenance: undefined }), remote)
})

test('the connection manager\'s addressSorter and maxPeerAddrsToDial are obeyed', async t => {
  const remote = await listening(t)
  const node = await dialling(t, staggered(), {
    connectionManager: {
      addressSorter: (a, b) => `${a.multiaddr}`.length < `${b.multiaddr}`.length ? 1 : -1,
      maxPeerAddrsToDial: 1
    }
  })

  const connection = await node.dial(remote.getMultiaddrs())

  t.true(`${connection.remoteAddr}`.includes('/ws'))
  t.regex(node.services.dialer.explain(remote.peerId), /dropped by take: not among the first 1/)
})

for (const [name, preset] of Object.entries({ staggered, adaptive, aggressive })) {
  test(`${name}() dials the address that the node's addressSorter puts first, whatever the history says`, async t => {
    const remote = await listening(t)
    const isWs = (one: Multiaddr): boolean => one.getComponents().some(({ name }) => name === 'ws')
    const node = await dialling(t, preset(), {
      connectionManager: { addressSorter: (a, b) => isWs(a.multiaddr) === isWs(b.multiaddr) ? 0 : isWs(a.multiaddr) ? -1 : 1 }
    })
    await (await node.dial(addressesOf(remote))).close()
    await node.peerStore.merge(remote.peerId, { multiaddrs: remote.getMultiaddrs() })
    await (await node.dial(remote.peerId)).close()
    const trace = node.services.dialer.traces(remote.peerId).at(-1)
    const [first] = trace?.candidates.filter(({ attempts }) => attempts.length > 0).toSorted((a, b) => Number(a.attempts[0]?.plannedAt) - Number(b.attempts[0]?.plannedAt)) ?? []

    t.true(first != null && isWs(multiaddr(first.address)), first?.address)
  })
}

test('a pipeline used as a service throws a TypeError when the node is created', async t => {
  for (const made of [adaptive(), staggered(), retry(staggered())]) {
    // @ts-expect-error a pipeline is not a service, unlike the result of dialer()
    await t.throwsAsync(createNode({ services: { dialer: made } }), { instanceOf: TypeError })
  }
})
