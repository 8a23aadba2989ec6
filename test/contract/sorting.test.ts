// order of addresses
import { multiaddr } from '@multiformats/multiaddr'
import { contract, rejection } from './contract.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { fails, tap } from './tap.ts'

/** Best first: public, private, loopback, each with relayed addresses last, then by transport */
const ORDER = [
  '/ip4/81.2.69.1/tcp/4001',
  '/dns4/example.com/tcp/443/wss',
  '/ip4/81.2.69.1/tcp/4001/ws',
  '/ip4/81.2.69.1/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ',
  '/ip4/81.2.69.1/udp/4001/quic-v1/webtransport',
  '/ip4/81.2.69.1/udp/4001/quic-v1',
  '/ip4/81.2.69.1/tcp/4001/p2p/12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq/p2p-circuit',
  '/ip4/192.168.1.1/tcp/4001',
  '/ip4/192.168.1.1/tcp/4001/ws',
  '/ip4/127.0.0.1/tcp/4001',
  '/ip4/127.0.0.1/tcp/4001/ws'
].map(one => multiaddr(one))

contract('addresses are dialled in libp2p\'s default order, whatever order the caller gives', async (t, { node }) => {
  const wire = tap(fails, () => true)
  const [dialler, { peer }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  for (const addresses of [ORDER, ORDER.toReversed()]) {
    wire.dials.length = 0
    await rejection(dialler.dial(addresses.map(one => one.encapsulate(`/p2p/${peer}`))))

    t.deepEqual(wire.addresses, ORDER.map(one => `${one}/p2p/${peer}`))
  }
})

contract('addresses of equal rank are dialled in the caller\'s order, and certified ones first', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  await rejection(dialler.dial([3, 1, 2].map(n => address(n, peer))))
  t.deepEqual(wire.addresses, [3, 1, 2].map(n => `${address(n, peer)}`))
  wire.dials.length = 0

  await dialler.peerStore.merge(peer, { addresses: [1, 2, 3].map(n => ({ multiaddr: address(n), isCertified: n === 2 })) })
  await rejection(dialler.dial(peer))
  t.is(wire.addresses[0], `${address(2, peer)}`)
})

contract('the node\'s addressSorter replaces the default order', async (t, { node }) => {
  const wire = tap(fails)
  const seen = new Set<string>()
  const { peer } = await unreachablePeer()
  const dialler = await node({
    transports: [wire.transport],
    connectionManager: {
      addressSorter: (...both) => {
        both.forEach(one => { seen.add(`${one.multiaddr} ${one.isCertified}`) })
        const [a, b] = both.map(one => Number(one.multiaddr.equals(address(2, peer)))) as [number, number]

        // prefers the second address, and ranks all others the same
        return Math.sign(b - a) as -1 | 0 | 1
      }
    }
  })

  await rejection(dialler.dial([4, 1, 2, 3].map(n => address(n, peer))))

  t.deepEqual(wire.addresses, [2, 4, 1, 3].map(n => `${address(n, peer)}`))
  t.deepEqual([...seen].toSorted(), [1, 2, 3, 4].map(n => `${address(n, peer)} false`))
})
