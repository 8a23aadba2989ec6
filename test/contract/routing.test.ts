// peer routers
import { NotFoundError, peerRoutingSymbol } from '@libp2p/interface'
import { address, unreachablePeer } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { fails, tap } from './tap.ts'
import type { PeerId, PeerRouting } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

contract('peer routers are asked about a peer without known addresses', async (t, { node }) => {
  const asked: string[] = []
  const remote = await listening(t)
  const dialler = await node({ services: { router: router(asked, () => addressesOf(remote)) } })

  leadsTo(t, await dialler.dial(remote.peerId), remote)
  t.deepEqual(asked, [`${remote.peerId}`])
})

contract('peer routers are not asked when a known address connects', async (t, { node }) => {
  const asked: string[] = []
  const remote = await listening(t)
  const dialler = await node({ services: { router: router(asked, () => []) } })
  await dialler.peerStore.merge(remote.peerId, { multiaddrs: addressesOf(remote) })

  leadsTo(t, await dialler.dial(remote.peerId), remote)
  await (await dialler.dial(addressesOf(remote))).close()
  leadsTo(t, await dialler.dial(addressesOf(remote)), remote)
  t.deepEqual(asked, [])
})

contract('when peer routers find nothing or fail, the dial rejects with NoValidAddressesError', async (t, { node }) => {
  for (const answer of [() => { throw new NotFoundError('nobody') }, () => { throw new Error('the router is broken') }, () => []]) {
    const asked: string[] = []
    const [dialler, peer] = await Promise.all([node({ services: { router: router(asked, answer) } }), newPeer()])

    await t.throwsAsync(dialler.dial(peer), { name: 'NoValidAddressesError', message: new RegExp(`^The dial request has no valid addresses for peer: ${peer}`) })
    t.deepEqual(asked, [`${peer}`])
  }
})

contract('a peer router\'s signal aborts when the last caller has aborted', async (t, { node }) => {
  const { promise, resolve } = Promise.withResolvers<AbortSignal>()
  const services = {
    router: () => ({
      [peerRoutingSymbol]: {
        findPeer: async (_peer: PeerId, { signal }: { signal: AbortSignal }) => {
          resolve(signal)

          return new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(signal.reason) }) })
        },
        async * getClosestPeers () {}
      }
    })
  }
  const [dialler, peer] = await Promise.all([node({ services }), newPeer()])
  const controller = new AbortController()
  const dial = rejection(dialler.dial(peer, { signal: controller.signal }))
  const signal = await promise

  t.false(signal.aborted)
  controller.abort()
  t.is((await dial).name, 'AbortError')
  t.true(signal.aborted)
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
})

contract('peer routers are asked when all stored addresses have failed (stock: never)', async (t, { node, either }) => {
  const asked: string[] = []
  const remote = await listening(t)
  const stale = address(1, remote.peerId)
  const wire = tap(async dial => dial.multiaddr.equals(stale) ? fails(dial) : dial.connect())
  const dialler = await node({ transports: [wire.transport], services: { router: router(asked, () => addressesOf(remote)) } })
  await dialler.peerStore.merge(remote.peerId, { multiaddrs: [stale] })

  const result = await dialler.dial(remote.peerId).then(({ status }) => status, ({ message }) => message)

  t.is(result, either({ stock: `failed ${stale}`, ours: 'open' }))
  t.deepEqual(asked, either({ stock: [], ours: [`${remote.peerId}`] }))
})

contract('peer routers are not asked when the caller\'s addresses have failed', async (t, { node }) => {
  const asked: string[] = []
  const wire = tap(fails)
  const { at } = await unreachablePeer()
  const dialler = await node({ transports: [wire.transport], services: { router: router(asked, () => [address(2)]) } })

  await rejection(dialler.dial(at))

  t.deepEqual(asked, [])
  t.deepEqual(wire.addresses, [`${at}`])
})

function router (asked: string[], answer: () => readonly Multiaddr[]): () => { [peerRoutingSymbol]: Pick<PeerRouting, 'findPeer' | 'getClosestPeers'> } {
  return () => ({
    [peerRoutingSymbol]: {
      findPeer: async (id: PeerId) => {
        asked.push(id.toString())

        return { id, multiaddrs: [...answer()] }
      },
      async * getClosestPeers () {}
    }
  })
}
