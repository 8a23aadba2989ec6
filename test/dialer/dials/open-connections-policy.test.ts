// open connections that satisfy a dial with a provenance policy
import test from 'ava'
import { staggered } from '../../../presets/index.ts'
import { addressBook, withProvenance } from '../../../src/address-book/index.ts'
import { findConnection, preferredConnection } from '../../../src/dialer/dials/open-connections.ts'
import { dialer } from '../../../src/index.ts'
import { BY_REACH } from '../../../src/pipeline/convergence.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { converge } from '../../../src/stages/converge.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { behind, relay, THROUGH } from '../../contract/through.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { until } from '../../helpers/until.ts'
import { listening } from '../../libp2p/kit.ts'
import type { AddressBook } from '../../../src/address-book/index.ts'
import type { Dialer, DialPipeline } from '../../../src/index.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

type Node = Libp2p<{ addressBook: AddressBook, dialer: Dialer }>

async function made (t: ExecutionContext, { services, ...options }: typeof THROUGH | { services?: object } = {}, whole = staggered() as DialPipeline): Promise<Node> {
  return listening(t, { listen: ['/ip4/127.0.0.1/tcp/0'], ...withProvenance({ ...options, services: { addressBook: addressBook(), dialer: dialer(whole), ...services } }) })
}

interface Scene {
  readonly node: Node
  readonly remote: Libp2p
  /** Address of the remote */
  readonly at: Multiaddr
}

/** Without identify, so that only the test names addresses */
async function scene (t: ExecutionContext, source: string, whole = staggered() as DialPipeline): Promise<Scene> {
  const node = await made(t, {}, whole)
  const remote = await listening(t, { listen: ['/ip4/127.0.0.1/tcp/0'] })
  const [at] = remote.getMultiaddrs() as [Multiaddr]
  node.services.addressBook.observe(remote.peerId, at, { source })

  return { node, remote, at }
}

const NOTHING = { name: 'NoValidAddressesError', message: /dropped by provenance/ }

test('an open connection keeps the sources of its address from when it was dialled, also after their reports are gone', async t => {
  const { node, remote } = await scene(t, 'mdns')
  const open = await node.dial(remote.peerId)
  node.services.addressBook.removeReports('mdns')

  t.is(await node.dial(remote.peerId, { provenance: ['mdns'] }), open)
  t.is(await node.dial(remote.peerId, { provenance: { exclude: ['dht'] } }), open)
  await t.throwsAsync(node.dial(remote.peerId, { provenance: ['user'] }), NOTHING)
  await t.throwsAsync(node.dial(remote.peerId, { provenance: { exclude: ['mdns'] } }), NOTHING)
})

test('an open connection also has the sources that name its address now: a report, or the caller of the dial', async t => {
  const { node, remote, at } = await scene(t, 'mdns')
  const open = await node.dial(remote.peerId)

  t.is(await node.dial(at, { provenance: ['user'] }), open)
  await t.throwsAsync(node.dial(at, { provenance: ['user'], source: 'tracker' }), NOTHING)
  await t.throwsAsync(node.dial(open.remoteAddr, { provenance: ['user'] }), NOTHING)

  // a connection that the node has converged on
  const converged = await scene(t, 'mdns', staggered().after('race', converge()))
  const preferred = await converged.node.dial(converged.remote.peerId)
  t.is(converged.node.services.dialer.preferred(converged.remote.peerId), preferred)
  await t.throwsAsync(converged.node.dial(preferred.remoteAddr, { provenance: ['user'] }), NOTHING)
  t.is(await converged.node.dial(preferred.remoteAddr, { provenance: ['mdns'] }), preferred)

  node.services.addressBook.observe(remote.peerId, at, { source: 'user' })
  t.is(await node.dial(remote.peerId, { provenance: ['user'] }), open)
})

test('an open connection that no dialer made has the sources that name its address now', async t => {
  const { node, remote, at } = await scene(t, 'mdns')
  const open = await (node as any).components.transportManager.dial(at, { signal: AbortSignal.timeout(5_000) })

  t.is(await node.dial(remote.peerId, { provenance: ['mdns'] }), open)
  t.is(await node.dial(remote.peerId), open)
  await t.throwsAsync(node.dial(remote.peerId, { provenance: ['user'] }), NOTHING)

  // a dial without a known reason does not make the connection acceptable
  node.services.addressBook.removeReports('mdns')
  await t.throwsAsync(node.dial(remote.peerId, { provenance: { exclude: ['dht'] } }), NOTHING)
  t.is(await node.dial(remote.peerId, { provenance: { exclude: ['dcutr'] } }), open)
})

test('an inbound connection has the source observed', async t => {
  const { node, remote } = await scene(t, 'mdns')
  await remote.dial(node.getMultiaddrs())
  const [open] = await until(() => node.getConnections(remote.peerId), ({ length }) => length === 1) as [Connection]

  t.is(await node.dial(remote.peerId, { provenance: ['observed'] }), open)
  t.is(await node.dial(remote.peerId, { provenance: { exclude: ['dht'] } }), open)
  t.not(await node.dial(remote.peerId, { provenance: { exclude: ['observed'] } }), open)
})

test('dialProtocol() opens its stream on a connection that the policy allows', async t => {
  const { node, remote, at } = await scene(t, 'mdns')
  const opened: string[] = []
  await remote.handle('/test/1.0.0', (stream, connection) => { opened.push(connection.id) })
  await node.dial(remote.peerId)

  await t.throwsAsync(node.dialProtocol(remote.peerId, '/test/1.0.0', { provenance: ['user'] }), NOTHING)
  t.deepEqual(opened, [])
  await node.dialProtocol(at, '/test/1.0.0', { provenance: ['user'] })
  t.is((await until(() => opened, ({ length }) => length === 1)).length, 1)
})

test('a dial with a provenance option that an open connection answers emits events of the same types as one without', async t => {
  const { node, remote } = await scene(t, 'mdns')
  await node.dial(remote.peerId)
  const types: string[][] = [[], []]

  for (const [i, provenance] of [['mdns'], undefined].entries()) {
    await node.dial(remote.peerId, { provenance, onProgress: ({ type }) => { types[i]?.push(type) } })
  }

  t.deepEqual(types[0], ['connection:open', 'dial-queue:already-connected', 'connection:opened'])
  t.deepEqual(types[0], types[1])
})

test('a dial through a relay uses an open connection to the relay, whatever address it was dialled over', async t => {
  const { relay: hop } = await relay(t)
  const { relayed } = await behind(t, hop)
  const node = await made(t, THROUGH)
  node.services.addressBook.observe(hop.peerId, hop.getMultiaddrs(), { source: 'mdns' })
  const open = await node.dial(hop.peerId)
  await node.dial(relayed, { provenance: ['user'] })

  t.deepEqual(node.getConnections(hop.peerId), [open])
  await t.throwsAsync(node.dial(hop.peerId, { provenance: ['user'] }), NOTHING)
})

test('exclude refuses a dialled address that only the excluded source had named', async t => {
  const { node, remote } = await scene(t, 'dht')
  await (await node.dial(remote.peerId)).close()
  node.services.addressBook.removeReports('dht')

  await t.throwsAsync(node.dial(remote.peerId, { provenance: { exclude: ['dht'] } }), { message: /from dialled \(named by dht\), which is excluded/ })
  await (await node.dial(remote.peerId, { provenance: { exclude: ['mdns'] } })).close()
  await (await node.dial(remote.peerId, { provenance: ['dialled'] })).close()
})

const picky = pipeline(fromCaller(), provenance(), race())

/** Adds connections to those of the scripted network */
function opens ({ components }: EngineWorld, ...connections: Array<Partial<Connection>>): void {
  components.connectionManager.getConnections = (peer?: PeerId) => (connections as Connection[]).filter(({ remotePeer }) => peer == null || remotePeer.equals(peer))
}

test('a connection has the sources of each dial that shared its attempt', async t => {
  const [world, peer] = [engineWorld(picky, { 1: { connects: 100 } }), await newPeer()]
  const { engine, clock, network } = world
  const dials = [engine.dial(address(1, peer), { provenance: ['user'] }), engine.dial(address(1, peer), { source: 'tracker' })]
  // one dial joins while the success is stored
  world.components.peerStore.merge = async () => new Promise(resolve => { clock.setTimeout(() => { resolve({} as any) }, 200) })
  await clock.advance(200)
  dials.push(engine.dial(address(1, peer), { source: 'late', force: true }))
  const [one, ...others] = await clock.until(Promise.all(dials)) as [Connection, ...Connection[]]
  t.deepEqual(others, [one, one])
  t.is(network.attempts.length, 1)

  opens(world, Object.assign(one, { remotePeer: peer, direct: true }))
  t.is(await engine.dial(peer, { provenance: ['user'] }), one)
  t.is(await engine.dial(peer, { provenance: ['tracker'] }), one)
  t.is(await engine.dial(peer, { provenance: ['late'] }), one)
  await t.throwsAsync(engine.dial(peer, { provenance: ['mdns'] }), { name: 'NoValidAddressesError' })
})

for (const [include, isAnswer] of [['observed', true], ['user', false]] as const) {
  test(`a queued dial with provenance ['${include}'] does ${isAnswer ? '' : 'not '}resolve with its peer's inbound connection`, async t => {
    const [world, busy, peer] = [engineWorld(picky, { 1: { connects: 100 }, 2: { connects: 100 } }, { settings: { maxParallelDials: 1 } }), await newPeer(), await newPeer()]
    const { engine, clock, network } = world
    const first = engine.dial(address(1, busy))
    const waiting = engine.dial(address(2, peer), { provenance: ['user', include] })
    const inbound = { id: 'inbound', direction: 'inbound', status: 'open', direct: true, remotePeer: peer, remoteAddr: address(9) } as const
    opens(world, inbound)
    await clock.until(first)

    t.is(await clock.until(waiting) === inbound as unknown, isAnswer)
    t.is(network.attempts.length, isAnswer ? 1 : 2)
  })

  test(`a limited inbound connection is ${isAnswer ? 'an' : 'no'} answer to a dial with provenance ['${include}']`, async t => {
    const [world, peer] = [engineWorld(picky, { 1: { refuses: 2_000 } }), await newPeer()]
    const { engine, clock } = world
    const dial = engine.dial(address(1, peer), { provenance: ['user', include] })
    const inbound = { id: 'inbound', direction: 'inbound', status: 'open', limits: {}, remotePeer: peer, remoteAddr: address(9) } as const
    await clock.advance(500)
    opens(world, inbound)

    if (isAnswer) {
      t.is(await clock.until(dial), inbound as unknown as Connection)
    } else {
      await t.throwsAsync(clock.until(dial), { name: 'Error' })
    }
  })
}

test('the preferred connection answers a dial with provenance only when its address passes', async t => {
  const peer = await newPeer()
  const [preferred, other] = ['outbound', 'inbound'].map(direction => ({ direction, status: 'open', direct: true, remotePeer: peer, remoteAddr: address(9) })) as unknown as [Connection, Connection]
  const components = { connectionManager: { getConnections: () => [other, preferred] } as any, convergence: { ...BY_REACH, preferred: () => preferred } }
  const target = { peerId: peer, multiaddrs: [] }

  t.is(findConnection(components, target, {}), preferred)
  t.is(findConnection(components, target, { provenance: ['observed'] }), other)
  t.is(preferredConnection(components, target, { provenance: ['observed'] }), undefined)
  t.is(findConnection(components, target, { provenance: ['user'] }), undefined)
  // a nested dial of a transport uses any connection
  t.is(findConnection(components, target, { provenance: ['user'] }, true), preferred)
})
