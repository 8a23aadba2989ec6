// answers of isDialable()
import { setTimeout as sleep } from 'node:timers/promises'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { contract } from './contract.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { tap } from './tap.ts'

const QUIC = multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1')
const NAME = multiaddr('/dnsaddr/example.com')

contract('isDialable() is true when a transport can dial one of the addresses, and dials nothing', async (t, { node }) => {
  const wire = tap()
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  t.true(await dialler.isDialable(address(1)))
  t.true(await dialler.isDialable([QUIC, at]))
  t.false(await dialler.isDialable(QUIC))
  t.false(await dialler.isDialable([]))
  t.deepEqual(wire.addresses, [])
  t.deepEqual(dialler.getDialQueue(), [])
})

contract('isDialable() parses texts, and is false for all that is no multiaddr', async (t, { node }) => {
  const dialler = await node()

  // `any`: wrong values on purpose
  for (const text of [`${address(1)}`, [`${address(1)}`]] as any[]) {
    t.true(await dialler.isDialable(text), String(text))
  }

  for (const nonsense of [undefined, null, 'x', 1, {}, [undefined], Promise.resolve(address(1)), { toString: () => { throw new Error('no text') } }] as any[]) {
    t.false(await dialler.isDialable(nonsense), typeof nonsense)
  }

  t.true(await dialler.isDialable(address(1), { signal: undefined, runOnLimitedConnection: undefined }))
})

contract('isDialable() of a relayed address is false with runOnLimitedConnection: false', async (t, { node }) => {
  const wire = tap()
  const [dialler, { at, peer }] = await Promise.all([node({ transports: [wire.transport, circuitRelayTransport()], services: { identify: identify() } }), unreachablePeer()])
  const relayed = at.encapsulate(`/p2p-circuit/p2p/${peer}`)

  t.true(await dialler.isDialable(relayed))
  t.true(await dialler.isDialable(relayed, { runOnLimitedConnection: true }))
  t.false(await dialler.isDialable(relayed, { runOnLimitedConnection: false }))
  t.true(await dialler.isDialable([relayed, at], { runOnLimitedConnection: false }))
})

contract('isDialable() resolves names first', async (t, { node }) => {
  const answers = [QUIC]
  const dialler = await node({ connectionManager: { resolvers: { dnsaddr: { canResolve: one => one.equals(NAME), resolve: async () => answers } } } })

  t.false(await dialler.isDialable(NAME))
  answers.push(address(1))
  t.true(await dialler.isDialable(NAME))
})

contract('isDialable() ignores a name that fails when another address is dialable (stock: is false, a defect)', async (t, { node, either }) => {
  const dialler = await node({ connectionManager: { resolvers: { dnsaddr: { canResolve: one => one.equals(NAME), resolve: async () => { throw new Error('no such name') } } } } })

  t.false(await dialler.isDialable(NAME))
  t.is(await dialler.isDialable([NAME, address(1)]), either({ stock: false, ours: true }))
})

contract('isDialable() is false for an address that the gater denies or throws for', async (t, { node }) => {
  const dialler = await node({
    connectionGater: {
      denyDialMultiaddr: async asked => {
        if (asked.equals(address(2))) {
          throw new Error('the gater is broken')
        }

        return asked.equals(address(1))
      }
    }
  })

  t.false(await dialler.isDialable(address(1)))
  t.false(await dialler.isDialable(address(2)))
  t.true(await dialler.isDialable([address(1), address(3)]))
})

contract('isDialable() of a name that no resolver answers is false after dialTimeout (stock: never settles, a defect)', async (t, { node, either }) => {
  const dialler = await node({ connectionManager: { dialTimeout: 200, resolvers: { dnsaddr: { canResolve: one => one.equals(NAME), resolve: async () => new Promise<never>(() => {}) } } } })

  t.is(await Promise.race([dialler.isDialable(NAME), sleep(either({ stock: 1_000, ours: 60_000 }), 'no answer', { ref: either({ stock: true, ours: false }) })]), either({ stock: 'no answer', ours: false }))
})

contract('isDialable() works before start() and after stop()', async (t, { node }) => {
  const dialler = await node({ start: false })

  t.true(await dialler.isDialable(address(1)))
  await dialler.start()
  await dialler.stop()
  t.true(await dialler.isDialable(address(1)))
})
