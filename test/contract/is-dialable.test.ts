// whether an address can be dialled: isDialable
import { setTimeout as sleep } from 'node:timers/promises'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { contract } from './contract.ts'
import { place, somebody } from './places.ts'
import { tap } from './tap.ts'

const QUIC = multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1')
const NAME = multiaddr('/dnsaddr/example.com')

contract('whether a transport would dial one of them; nothing is dialled', async (t, { node }) => {
  const wire = tap()
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), somebody()])

  t.true(await dialler.isDialable(place(1)))
  t.true(await dialler.isDialable([QUIC, at]))
  t.false(await dialler.isDialable(QUIC))
  t.false(await dialler.isDialable([]))
  t.deepEqual(wire.addresses, [])
  t.deepEqual(dialler.getDialQueue(), [])
})

contract('what must not run on a limited connection', async (t, { node }) => {
  const wire = tap()
  const [dialler, { at, peer }] = await Promise.all([node({ transports: [wire.transport, circuitRelayTransport()], services: { identify: identify() } }), somebody()])
  const relayed = at.encapsulate(`/p2p-circuit/p2p/${peer}`)

  t.true(await dialler.isDialable(relayed))
  t.true(await dialler.isDialable(relayed, { runOnLimitedConnection: true }))
  t.false(await dialler.isDialable(relayed, { runOnLimitedConnection: false }))
  t.true(await dialler.isDialable([relayed, at], { runOnLimitedConnection: false }))
})

contract('names are resolved first', async (t, { node }) => {
  const answers = [QUIC]
  const dialler = await node({ connectionManager: { resolvers: { dnsaddr: { canResolve: one => one.equals(NAME), resolve: async () => answers } } } })

  t.false(await dialler.isDialable(NAME))
  answers.push(place(1))
  t.true(await dialler.isDialable(NAME))
})

contract('one name that fails leaves the others (stock: none, a defect)', async (t, { node, either }) => {
  const dialler = await node({ connectionManager: { resolvers: { dnsaddr: { canResolve: one => one.equals(NAME), resolve: async () => { throw new Error('no such name') } } } } })

  t.false(await dialler.isDialable(NAME))
  t.is(await dialler.isDialable([NAME, place(1)]), either({ stock: false, ours: true }))
})

contract('what the gater denies, or throws at, is not', async (t, { node }) => {
  const dialler = await node({
    connectionGater: {
      denyDialMultiaddr: async address => {
        if (address.equals(place(2))) {
          throw new Error('the gater is broken')
        }

        return address.equals(place(1))
      }
    }
  })

  t.false(await dialler.isDialable(place(1)))
  t.false(await dialler.isDialable(place(2)))
  t.true(await dialler.isDialable([place(1), place(3)]))
})

contract('a name that no resolver answers is not, after dialTimeout (stock: there is no answer, a defect)', async (t, { node, either }) => {
  const dialler = await node({ connectionManager: { dialTimeout: 200, resolvers: { dnsaddr: { canResolve: one => one.equals(NAME), resolve: async () => new Promise<never>(() => {}) } } } })

  t.is(await Promise.race([dialler.isDialable(NAME), sleep(either({ stock: 1_000, ours: 60_000 }), 'no answer', { ref: either({ stock: true, ours: false }) })]), either({ stock: 'no answer', ours: false }))
})

contract('before the start, and after a stop', async (t, { node }) => {
  const dialler = await node({ start: false })

  t.true(await dialler.isDialable(place(1)))
  await dialler.start()
  await dialler.stop()
  t.true(await dialler.isDialable(place(1)))
})
