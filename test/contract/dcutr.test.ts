// from a relayed to a direct connection
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { PATIENCE, poll, until } from '../helpers/until.ts'
import { addressesOf } from '../libp2p/kit.ts'
import { contract } from './contract.ts'
import { SimultaneousOpen } from './simultaneous-open.ts'
import { tap } from './tap.ts'
import { relay } from './through.ts'
import type { Subject } from './contract.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const services = () => ({ identify: identify(), dcutr: dcutr() })

/** Public addresses, which DCUtR requires. The transport decides where they lead */
const PUBLIC = [multiaddr('/ip4/81.2.69.1/tcp/4001'), multiaddr('/ip4/81.2.69.2/tcp/4001')] as const

const isPublic = (address: Multiaddr): boolean => PUBLIC.some(one => address.toString().startsWith(one.toString()))

contract('a peer dialled through a relay dials back directly when the caller has a public address', async (t, { node }) => {
  const { relay: hop } = await relay(t)
  const wire = tap(async dial => dial.connect(isPublic(dial.multiaddr) ? addressesOf(caller)[0] : dial.multiaddr))
  const caller = await node({ listen: ['/ip4/127.0.0.1/tcp/0'], transports: [tcp(), circuitRelayTransport()], addresses: { appendAnnounce: [`${PUBLIC[0]}`] }, services: services() })
  const callee = await behind(node, hop, { transports: [wire.transport, circuitRelayTransport()] })

  const relayed = await caller.dial(relayedAddress(callee))
  const [mine, its] = await both(caller, callee)

  t.deepEqual([mine?.direction, its?.direction], ['inbound', 'outbound'])
  t.is(mine?.direct, true)
  t.is(mine?.limits, undefined)
  t.true(wire.addresses.includes(`${PUBLIC[0]}/p2p/${caller.peerId}`))
  t.is(await until(() => relayed.status, status => status === 'closed'), 'closed')
  t.is(await ping(caller, callee), '/test/1.0.0')
})

contract('when the dial back fails, both peers dial at the same time, one as initiator (stock: both as initiator, a defect)', async (t, { node, either }) => {
  const { relay: hop } = await relay(t)
  // refuses the first dial, which the callee tries alone
  const world = new SimultaneousOpen(isPublic, { refused: 1 })
  const transports = [world.transport, tcp(), circuitRelayTransport()]
  const caller = await node({ transports, addresses: { announce: [`${PUBLIC[0]}`] }, services: services() })
  const callee = await behind(node, hop, { transports, addresses: { appendAnnounce: [`${PUBLIC[1]}`] } })

  await caller.dial(relayedAddress(callee))
  await until(() => world.met, met => met > 0)
  const [mine, its] = await both(caller, callee, either({ stock: 500, ours: PATIENCE }))

  t.deepEqual([mine?.direction, its?.direction], either({ stock: [undefined, undefined], ours: ['outbound', 'inbound'] }))
  t.deepEqual([mine, its].map(one => isPublic(one?.remoteAddr ?? multiaddr('/ip4/127.0.0.1'))), either({ stock: [false, false], ours: [true, true] }))

  if (mine != null) {
    t.deepEqual(await until(() => caller.getConnections(callee.peerId).map(({ id }) => id), ({ length }) => length === 1), [mine.id])
    t.is(await ping(caller, callee), '/test/1.0.0')
  }
})

async function behind (node: Subject['node'], hop: Libp2p, options: object): Promise<Libp2p> {
  return node({ listen: [`${hop.getMultiaddrs()[0]}/p2p-circuit`], ...options, services: services() })
}

function relayedAddress (node: Libp2p): Multiaddr {
  return node.getMultiaddrs().find(address => address.toString().includes('/p2p-circuit')) as Multiaddr
}

/** Returns the direct connection as seen from both ends */
async function both (a: Libp2p, b: Libp2p, timeout = PATIENCE): Promise<Array<Connection | undefined>> {
  const direct = (node: Libp2p, other: Libp2p): Connection | undefined => node.getConnections(other.peerId).find(({ direct, status }) => direct && status === 'open')

  return poll(() => [direct(a, b), direct(b, a)], found => found.every(one => one != null), timeout)
}

async function ping (from: Libp2p, to: Libp2p): Promise<string> {
  await to.handle('/test/1.0.0', stream => { void stream.close() })

  return (await from.dialProtocol(to.peerId, '/test/1.0.0')).protocol
}
