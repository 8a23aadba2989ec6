// reads and writes of the peer store
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { address, unreachablePeer } from '../helpers/address.ts'
import { PATIENCE, poll, until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { fails, hang, tap } from './tap.ts'
import type { Libp2p, PeerId } from '@libp2p/interface'

contract('last-dial-success and the connected address are stored before the dial resolves', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const before = Date.now()
  const { remoteAddr } = await dialler.dial(addressesOf(remote)[0].decapsulate('/p2p'))

  const { addresses } = await dialler.peerStore.get(remote.peerId)

  t.true(addresses.some(({ multiaddr }) => `${multiaddr}` === `${remoteAddr}`.split('/p2p/')[0]))
  t.true(Number(await noted(dialler, remote.peerId, 'last-dial-success')) >= before)
  t.is(await noted(dialler, remote.peerId, 'last-dial-failure'), undefined)
})

contract('last-dial-failure is stored after each address that failed', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const merged: string[] = []
  const merge = dialler.peerStore.merge.bind(dialler.peerStore)
  dialler.peerStore.merge = async (peer, data, options) => {
    merged.push(...Object.keys(data.metadata ?? {}))

    return merge(peer, data, options)
  }

  await rejection(dialler.dial([at, address(2, peer)]))

  t.deepEqual(merged, ['last-dial-failure', 'last-dial-failure'])
  t.regex(await until(async () => noted(dialler, peer, 'last-dial-failure'), value => value != null) ?? '', /^\d+$/)
  t.is(await noted(dialler, peer, 'last-dial-success'), undefined)
})

contract('getDialQueue() lists a dial with a stored address whose text is no multiaddr', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const withSlash = multiaddr(Uint8Array.from([0x36, 3, 0x61, 0x2f, 0x62, 6, 0x10, 0]))
  const controller = new AbortController()
  t.throws(() => multiaddr(`${withSlash}`))
  await dialler.peerStore.merge(peer, { multiaddrs: [withSlash, at] })
  const outcome = rejection(dialler.dial(peer, { signal: controller.signal }))
  await until(() => wire.dials, ({ length }) => length > 0)

  t.deepEqual(dialler.getDialQueue().map(({ peerId }) => `${peerId}`), [`${peer}`])

  controller.abort()
  await outcome
})

contract('an attempt without a peer id stores nothing in the peer store', async (t, { node }) => {
  const wire = tap(fails)
  const dialler = await node({ transports: [wire.transport] })

  await rejection(dialler.dial(address(1)))

  t.deepEqual(await dialler.peerStore.all(), [])
})

contract('an aborted attempt is not stored as a failure (stock: is stored)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const controller = new AbortController()
  const dial = rejection(dialler.dial(at, { signal: controller.signal }))
  await until(() => wire.dials.length, count => count === 1)
  controller.abort()
  await dial

  const all = await poll(async () => dialler.peerStore.all(), ({ length }) => length === 1, either({ stock: PATIENCE, ours: 100 }))
  t.deepEqual(all.map(({ id }) => `${id}`), either({ stock: [`${peer}`], ours: [] }))
})

contract('a peer store that cannot write fails no dial', async (t, { node }) => {
  const [dialler, remote, { at }] = await Promise.all([node(), listening(t), unreachablePeer()])
  const wire = tap(fails)
  const failing = await node({ transports: [wire.transport] })

  for (const one of [dialler, failing]) {
    one.peerStore.merge = async () => { throw new Error('the disk is full') }
  }

  leadsTo(t, await dialler.dial(addressesOf(remote)), remote)
  t.is((await rejection(failing.dial(at))).message, `failed ${at}`)
})

contract('a peer store that never answers delays a connection only briefly (stock: for ever, a defect)', async (t, { node, either }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  dialler.peerStore.merge = async () => new Promise(() => {})
  const status = dialler.dial(addressesOf(remote)).then(({ status }) => status)

  t.is(await Promise.race([status, sleep(either({ stock: 4_000, ours: PATIENCE }), 'no connection', { ref: false })]), either({ stock: 'no connection', ours: 'open' }))
})

contract('a dial of a peer id uses its stored addresses, and rejects with NoValidAddressesError when there are none', async (t, { node }) => {
  const wire = tap(fails)
  const [dialler, { peer, at }, unknown] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer(), unreachablePeer()])
  await dialler.peerStore.merge(peer, { multiaddrs: [at, address(2)] })

  await rejection(dialler.dial(peer))
  t.deepEqual(wire.addresses.toSorted(), [1, 2].map(n => `${address(n, peer)}`))

  await t.throwsAsync(dialler.dial(unknown.peer), { name: 'NoValidAddressesError' })
})

contract('when the peer store cannot be read, the dial rejects with NoValidAddressesError (stock: with the store\'s error)', async (t, { node, either }) => {
  const [dialler, { peer }] = await Promise.all([node(), unreachablePeer()])
  dialler.peerStore.get = async () => { throw new Error('the disk is gone') }

  await t.throwsAsync(dialler.dial(peer), either({ stock: { message: 'the disk is gone' }, ours: { name: 'NoValidAddressesError' } }))
})

async function noted ({ peerStore }: Libp2p, peer: PeerId, key: string): Promise<string | undefined> {
  const value = (await peerStore.get(peer).catch(() => undefined))?.metadata.get(key)

  return value == null ? undefined : new TextDecoder().decode(value)
}
