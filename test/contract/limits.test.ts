// settings of the node
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { deaf, fails, hang, tap } from './tap.ts'

contract('maxParallelDials limits the peers dialled at once, and the next starts when one ends', async (t, { node }) => {
  const wire = tap(hang)
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxParallelDials: 2 } })
  const peers = await Promise.all(Array.from({ length: 4 }, async () => unreachablePeer()))
  const dials = peers.map(async ({ at }) => rejection(dialler.dial(at)))
  const statuses = (): string[] => dialler.getDialQueue().map(({ status }) => status)

  await until(() => wire.dials.length, count => count === 2)
  t.deepEqual(statuses(), ['active', 'active', 'queued', 'queued'])

  wire.dials[1]?.fail()
  await dials[1]
  await until(() => wire.dials.length, count => count === 3)
  t.deepEqual(statuses(), ['active', 'active', 'queued'])

  for (const i of [0, 2, 3]) {
    await until(() => wire.dials.length, count => count > i)
    wire.dials[i]?.fail()
  }

  await Promise.all(dials)
  t.deepEqual(wire.addresses, peers.map(({ at }) => `${at}`))
})

contract('maxDialQueueLength counts running and queued dials, not joined ones', async (t, { node }) => {
  const wire = tap(hang)
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxDialQueueLength: 2 } })
  const peers = await Promise.all(Array.from({ length: 3 }, async () => unreachablePeer()))
  const [a, b, c] = peers.map(({ at }) => at) as any[]
  const dials = [a, b, a, b, a].map(async at => rejection(dialler.dial(at)))
  await until(() => wire.dials.length, count => count === 2)

  await t.throwsAsync(dialler.dial(c), { name: 'DialError' })
  t.is(dialler.getDialQueue().length, 2)

  wire.dials.forEach(dial => { dial.fail() })
  await Promise.all(dials)

  const next = rejection(dialler.dial(c))
  await until(() => wire.dials.length, count => count === 3)
  wire.dials[2]?.fail()
  t.is((await next).message, `failed ${c}`)
})

contract('maxPeerAddrsToDial keeps the highest-ranked addresses, dialled in rank order', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer }] = await Promise.all([node({
    transports: [wire.transport],
    connectionManager: {
      maxPeerAddrsToDial: 2,
      addressSorter: (a, b) => a.multiaddr.toString() < b.multiaddr.toString() ? 1 : -1
    }
  }), unreachablePeer()])

  await rejection(dialler.dial([2, 4, 1, 3].map(n => address(n, peer))))

  t.deepEqual(wire.addresses, [4, 3].map(n => `${address(n, peer)}`))
})

contract('addresses beyond maxPeerAddrsToDial do not fail a dial that connects to one of the best', async (t, { node }) => {
  const [remote, wire] = [await listening(t), tap(async dial => dial.multiaddr.toString().includes('192.0.2.') ? fails(dial) : dial.connect())]
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxPeerAddrsToDial: 1, addressSorter: one => `${one.multiaddr}`.includes('192.0.2.') ? 1 : -1 } })

  leadsTo(t, await dialler.dial([address(1, remote.peerId), address(2, remote.peerId), ...addressesOf(remote)]), remote)
})

contract('an address that exceeds addressDialTimeout is aborted, and the next is dialled', async (t, { node }) => {
  const remote = await listening(t)
  const hole = address(1, remote.peerId)
  const wire = tap(async dial => dial.multiaddr.equals(hole) ? hang(dial) : dial.connect())
  const dialler = await node({ transports: [wire.transport], connectionManager: { addressDialTimeout: 3_000 } })

  leadsTo(t, await dialler.dial([hole, ...addressesOf(remote)]), remote)
  t.true(wire.dials[0]?.signal.aborted)
})

contract('a transport that ignores its signal does not block the next address (stock: it does, a defect)', async (t, { node, either }) => {
  const remote = await listening(t)
  const hole = address(1, remote.peerId)
  const wire = tap(async dial => dial.multiaddr.equals(hole) ? deaf(dial) : dial.connect())
  const dialler = await node({ transports: [wire.transport], connectionManager: { addressDialTimeout: 3_000, dialTimeout: 3_500 } })

  const result = await dialler.dial([hole, ...addressesOf(remote)]).then(({ status }) => status, ({ name }) => name)

  t.is(result, either({ stock: 'TimeoutError', ours: 'open' }))
  wire.dials[0]?.fail()
})

contract('a transport that ignores its signal fails with TimeoutError for a single address (stock: blocks the dial, a defect)', async (t, { node, either }) => {
  const wire = tap(deaf)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { addressDialTimeout: 50, dialTimeout: 1_000 } }), unreachablePeer()])

  await t.throwsAsync(dialler.dial(at), either({
    stock: { name: 'TimeoutError', message: 'The operation was aborted due to timeout' },
    ours: { name: 'TimeoutError', message: `No connection to ${at} after 50 ms` }
  }))
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
  wire.dials[0]?.fail()
})

contract('an address behind two that hang is dialled before dialTimeout (stock: is not)', async (t, { node, either }) => {
  const remote = await listening(t)
  const holes = [address(1, remote.peerId), address(2, remote.peerId)]
  const wire = tap(async dial => holes.some(hole => hole.equals(dial.multiaddr)) ? hang(dial) : dial.connect())
  const dialler = await node({ transports: [wire.transport], connectionManager: { addressDialTimeout: 2_500, dialTimeout: 4_000, addressSorter: () => 0 } })

  const result = await dialler.dial([...holes, ...addressesOf(remote)]).then(({ status }) => status, ({ name }) => name)

  t.is(result, either({ stock: 'TimeoutError', ours: 'open' }))
  t.is(wire.dials.length, either({ stock: 2, ours: 3 }))
})
