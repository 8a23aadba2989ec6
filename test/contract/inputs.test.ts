// targets of a dial
import { multiaddr } from '@multiformats/multiaddr'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract } from './contract.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { fails, tap } from './tap.ts'

contract('dial() accepts a peer id, an address, several addresses, and an address that is only a peer id', async (t, { node }) => {
  const remote = await listening(t)
  const addresses = addressesOf(remote)

  for (const target of [remote.peerId, addresses[0], addresses, multiaddr(`/p2p/${remote.peerId}`), addresses[0].decapsulate('/p2p')]) {
    const dialler = await node()
    await dialler.peerStore.merge(remote.peerId, { multiaddrs: addresses })

    leadsTo(t, await dialler.dial(target), remote)
  }
})

contract('a bare peer id among addresses is not dialled as an address', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  await t.throwsAsync(dialler.dial([multiaddr(`/p2p/${peer}`), at]), { message: `failed ${at}` })
  t.deepEqual(wire.addresses, [`${at}`])
})

contract('the peer of an address is the last peer id in it', async (t, { node }) => {
  const [dialler, relay, peer] = await Promise.all([node(), newPeer(), newPeer()])

  await t.throwsAsync(dialler.dial([address(1, relay).encapsulate(`/p2p-circuit/p2p/${peer}`), address(2, relay)]), { name: 'InvalidParametersError' })
  await t.throwsAsync(dialler.dial(address(1, relay).encapsulate(`/p2p-circuit/p2p/${peer}`)), { name: 'NoValidAddressesError', message: new RegExp(`^The dial request has no valid addresses for peer: ${peer}`) })
})

contract('addresses of two peers, or with and without a peer id, reject with InvalidParametersError', async (t, { node }) => {
  const [dialler, a, b] = await Promise.all([node(), newPeer(), newPeer()])

  for (const target of [[address(1, a), address(2, b)], [address(1, a), address(2)], [address(1), address(2, a)], [multiaddr(`/p2p/${a}`), address(1, b)]]) {
    await t.throwsAsync(dialler.dial(target), { name: 'InvalidParametersError', message: 'Multiaddrs must all have the same peer id or have no peer id' })
  }
})

contract('no address, or none with a transport, rejects with NoValidAddressesError', async (t, { node }) => {
  const [dialler, peer] = await Promise.all([node(), newPeer()])
  const quic = multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1')

  for (const target of [[], quic]) {
    await t.throwsAsync(dialler.dial(target), { name: 'NoValidAddressesError', message: /^The dial request has no valid addresses for peer: unknown peer/ })
  }

  for (const target of [peer, multiaddr(`/p2p/${peer}`), quic.encapsulate(`/p2p/${peer}`)]) {
    await t.throwsAsync(dialler.dial(target), { name: 'NoValidAddressesError', message: new RegExp(`^The dial request has no valid addresses for peer: ${peer}`) })
  }
})

contract('a string as target rejects with InvalidParametersError (stock: TypeError, a defect)', async (t, { node, either }) => {
  const dialler = await node()

  for (const target of ['/ip4/192.0.2.1/tcp/4001', ['/ip4/192.0.2.1/tcp/4001']] as any[]) {
    await t.throwsAsync(dialler.dial(target), either({
      stock: { instanceOf: TypeError, message: /getComponents is not a function/ },
      ours: { name: 'InvalidParametersError', message: /multiaddr\(\)/ }
    }))
  }
})

contract('a target of another type rejects with InvalidMultiaddrError (stock: TypeError, a defect)', async (t, { node, either }) => {
  const dialler = await node()

  for (const target of [{}, undefined, 1, [{}]] as any[]) {
    await t.throwsAsync(dialler.dial(target), either({ stock: { instanceOf: TypeError }, ours: { name: 'InvalidMultiaddrError' } }))
  }
})

contract('when the caller names addresses, stored addresses of the peer are not dialled', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  await dialler.peerStore.merge(peer, { multiaddrs: [address(2)] })

  await t.throwsAsync(dialler.dial(at), { message: `failed ${at}` })
  t.deepEqual(wire.addresses, [`${at}`])
})

contract('the peer id is appended to stored addresses without one, and repeated addresses are dialled once', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  await dialler.peerStore.merge(peer, { multiaddrs: [at, address(1)] })

  await t.throwsAsync(dialler.dial(peer), { message: `failed ${at}` })
  await t.throwsAsync(dialler.dial([at, at]), { message: `failed ${at}` })
  t.deepEqual(wire.addresses, [`${at}`, `${at}`])
})
