// dials of one peer with other options
import { setTimeout as sleep } from 'node:timers/promises'
import { peerRoutingSymbol } from '@libp2p/interface'
import { addressesOf, listening } from '../libp2p/kit.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { contract, LONG, rejection } from './contract.ts'
import { hang, tap } from './tap.ts'
import type { PeerId } from '@libp2p/interface'

for (const [words, options] of [['runOnLimitedConnection', { runOnLimitedConnection: true }], ['force', { force: true }]] as const) {
  contract(`a dial with ${words} and without an address connects to the address of a dial without, which runs`, async (t, { node }) => {
    const wire = tap()
    const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])

    const [one, other] = await Promise.all([dialler.dial(addressesOf(remote)), dialler.dial(remote.peerId, options)])

    t.is(one, other)
    t.is(wire.dials.length, 1)
  })

  contract(`a dial with ${words} finds room in a full queue when a dial without is in it`, async (t, { node }) => {
    const [dialler, remote] = await Promise.all([node({ transports: [tap().transport], connectionManager: { maxDialQueueLength: 1 } }), listening(t)])

    const [one, other] = await Promise.all([dialler.dial(addressesOf(remote)), dialler.dial(addressesOf(remote), options)])

    t.is(one, other)
  })

  contract(`a dial with ${words} takes no room in the queue beside a dial without`, async (t, { node }) => {
    const [dialler, remote, third] = await Promise.all([node({ transports: [tap().transport], connectionManager: { maxDialQueueLength: 2 } }), listening(t), listening(t)])

    const dials = [dialler.dial(addressesOf(remote)), dialler.dial(addressesOf(remote), options), dialler.dial(addressesOf(third))]

    await t.notThrowsAsync(Promise.all(dials))
  })

  contract(`a running dial with ${words} connects to the address that a later dial without adds`, async (t, { node }) => {
    const [dialler, remote] = await Promise.all([node({ transports: [tap().transport] }), listening(t)])
    const refused = address(1, remote.peerId)

    const [one, other] = await Promise.all([dialler.dial(refused, options), dialler.dial(addressesOf(remote))])

    t.is(one.remotePeer.toString(), remote.peerId.toString())
    t.is(one, other)
  })

  contract(`a queued dial with ${words} and without an address connects to the address of a queued dial without`, async (t, { node }) => {
    const wire = tap(async dial => wire.dials.length === 1 ? hang(dial) : dial.connect())
    const [dialler, first, remote] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } }), unreachablePeer(), listening(t)])
    const running = rejection(dialler.dial(first.at))

    const dials = Promise.all([dialler.dial(remote.peerId, options), dialler.dial(addressesOf(remote))])
    await until(() => wire.dials.length, length => length > 0)
    wire.dials[0]?.fail()

    t.deepEqual((await dials).map(({ remotePeer }) => `${remotePeer}`), [`${remote.peerId}`, `${remote.peerId}`])
    await running
  })
}

for (const [words, options] of [['', {}], [' with runOnLimitedConnection', { runOnLimitedConnection: true }]] as const) {
  contract(`a dial by peer id connects to the stored address when a dial${words} of a bad address begins at the same time`, async (t, { node }) => {
    const [dialler, remote] = await Promise.all([node({ transports: [tap().transport] }), listening(t)])
    await dialler.peerStore.merge(remote.peerId, { multiaddrs: addressesOf(remote) })

    const [one, other] = await Promise.all([dialler.dial(remote.peerId), dialler.dial(address(1, remote.peerId), options)])

    t.is(one, other)
    t.deepEqual(addressesOf(remote), [one.remoteAddr])
  })

  contract(`a dial by peer id that begins during a dial${words} of a bad address connects to the stored address (stock: fails with the other)`, async (t, { node, either }) => {
    const wire = tap(async dial => dial.multiaddr.equals(bad) ? hang(dial) : dial.connect())
    const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])
    const bad = address(1, remote.peerId)
    await dialler.peerStore.merge(remote.peerId, { multiaddrs: addressesOf(remote) })

    const first = dialler.dial(bad, options)
    await until(() => wire.dials.length, length => length > 0)
    const results = Promise.allSettled([dialler.dial(remote.peerId), first])
    await Promise.race([results, sleep(LONG)])
    wire.dials[0]?.fail()

    t.deepEqual((await results).map(({ status }) => status), either({ stock: ['rejected', 'rejected'], ours: ['fulfilled', 'fulfilled'] }))
  })
}

contract('a dial by peer id asks the routers when a dial of a refused address begins at the same time', async (t, { node }) => {
  const remote = await listening(t)
  const asked: string[] = []
  const router = {
    [peerRoutingSymbol]: {
      findPeer: async (id: PeerId) => {
        asked.push(`${id}`)

        return { id, multiaddrs: addressesOf(remote) }
      },
      getClosestPeers: async function * () {}
    }
  }
  const dialler = await node({ transports: [tap().transport], services: { router: () => router } })

  const [one, other] = await Promise.all([dialler.dial(remote.peerId), dialler.dial(address(1, remote.peerId))])

  t.is(one, other)
  t.deepEqual(asked, [`${remote.peerId}`])
})
