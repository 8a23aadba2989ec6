// dials of one peer with other options
import { addressesOf, listening } from '../libp2p/kit.ts'
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { contract, rejection } from './contract.ts'
import { hang, tap } from './tap.ts'

for (const [words, options] of [['runOnLimitedConnection', { runOnLimitedConnection: true }], ['force', { force: true }]] as const) {
  contract(`a dial with ${words} and without an address connects to the address of a dial without, which runs`, async (t, { node }) => {
    const wire = tap()
    const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])

    const [one, other] = await Promise.all([dialler.dial(addressesOf(remote)), dialler.dial(remote.peerId, options)])

    t.is(one, other)
    t.is(wire.dials.length, 1)
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
