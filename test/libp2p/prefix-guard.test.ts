// number of simultaneous attempts of a node in one network prefix, for addresses from others
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { hang, tap } from '../contract/tap.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { dialling } from './kit.ts'
import type { Tap } from '../contract/tap.ts'
import type { PeerId } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

/** Dials peers with one address each from a router, over a transport that never connects */
async function dialAll (t: ExecutionContext, addresses: readonly string[]): Promise<Tap> {
  const wire = tap(hang, () => true)
  const named = new Map<string, string>()
  const peers = await Promise.all(addresses.map(async address => {
    const peer = await newPeer()
    named.set(peer.toString(), address)

    return peer
  }))
  let asked = 0
  const node = await dialling(t, adaptive(), {
    transports: [wire.transport],
    connectionManager: { maxParallelDials: 500 },
    peerRouters: [() => ({
      findPeer: async (id: PeerId) => {
        asked++

        return { id, multiaddrs: [multiaddr(named.get(id.toString()))] }
      },
      getClosestPeers: async function * () {}
    })]
  })

  peers.forEach(peer => { node.dial(peer).catch(() => {}) })
  await until(() => asked, count => count === addresses.length)

  return wire
}

const id = async (): Promise<string> => (await newPeer()).toCID().toString()
const numbers = Array.from({ length: 100 }, (_, n) => n)

test('100 AutoTLS names of 100 hosts are dialled concurrently', async t => {
  const wire = await dialAll(t, await Promise.all(numbers.map(async n => `/dns4/5-6-${n}-1.${await id()}.libp2p.direct/tcp/4001/tls/ws`)))

  t.is(await until(() => wire.dials.length, count => count === 100), 100)
})

test('one host that routers name in 100 ways has at most eight attempts in flight', async t => {
  const spelled = await Promise.all(numbers.map(async n => [
    `/dns4/198-41-0-4.${await id()}.libp2p.direct/tcp/${n}/tls/ws`,
    `/ip4/198.41.0.4/tcp/${n}`,
    `/ip6/::ffff:c629:4/tcp/${n}`,
    `/ip6/64:ff9b::c629:4/tcp/${n}`,
    `/ip6/2002:c629:4:${n}::/tcp/${n}`,
    `/dns4/0xc6290004/tcp/${n}`
  ][n % 6] as string))
  const elsewhere = '/ip4/5.6.7.8/tcp/1'
  const wire = await dialAll(t, [...spelled, elsewhere])
  // the dial of this address started last
  await until(() => wire.addresses, addresses => addresses.length >= 9 && addresses.some(one => one.startsWith(elsewhere)))

  const inFlight = wire.dials.filter(({ multiaddr, signal }) => !signal.aborted && !multiaddr.toString().startsWith(elsewhere))
  // on a busy machine, silent attempts may have left their slots to others by now
  t.true(inFlight.length <= 8, `${inFlight.length}`)
})
