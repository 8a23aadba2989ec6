// the connection gater
import { setTimeout as sleep } from 'node:timers/promises'
import { address, unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, Gate, leadsTo, listening, texts } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { fails, tap } from './tap.ts'

/** A gater may answer directly or by a promise */
const ANSWERS: ReadonlyArray<[string, (answer: any) => any]> = [['at once', answer => answer], ['after a while', async answer => answer]]

for (const [how, says] of ANSWERS) {
  contract(`when denyDialPeer answers ${how}, the dial rejects with DialDeniedError, without look-up or attempt`, async (t, { node }) => {
    const wire = tap()
    const { peer, at } = await unreachablePeer()
    const dialler = await node({ transports: [wire.transport], connectionGater: { denyDialPeer: one => says(one.equals(peer)) } })
    dialler.peerStore.get = async () => { throw new Error('looked up') }

    for (const target of [at, peer]) {
      await t.throwsAsync(dialler.dial(target), { name: 'DialDeniedError', message: 'The dial request is blocked by gater.allowDialPeer' })
    }

    t.deepEqual(wire.addresses, [])
  })

  contract(`when denyDialMultiaddr answers ${how} for one address, the others are dialled`, async (t, { node }) => {
    const wire = tap(fails)
    const { peer } = await unreachablePeer()
    const asked: string[] = []
    const dialler = await node({
      transports: [wire.transport],
      connectionGater: {
        denyDialMultiaddr: multiaddr => {
          asked.push(`${multiaddr}`)

          return says(multiaddr.equals(address(2, peer)))
        }
      }
    })

    await rejection(dialler.dial([1, 2, 3].map(n => address(n))))
    t.deepEqual(asked, [1, 2, 3].map(n => `${address(n)}`))
    asked.length = wire.dials.length = 0

    await dialler.peerStore.merge(peer, { multiaddrs: [1, 2, 3].map(n => address(n)) })
    await rejection(dialler.dial(peer))

    t.deepEqual(asked.toSorted(), [1, 2, 3].map(n => `${address(n, peer)}`))
    t.deepEqual(wire.addresses.toSorted(), [1, 3].map(n => `${address(n, peer)}`))
  })

  contract(`when denyDialMultiaddr answers ${how} for all addresses, the dial rejects with DialDeniedError`, async (t, { node }) => {
    const wire = tap()
    const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport], connectionGater: { denyDialMultiaddr: () => says(true) } }), unreachablePeer()])

    await t.throwsAsync(dialler.dial([at, address(2, peer)]), { name: 'DialDeniedError', message: `The connection gater denied all addresses in the dial request for peer: ${peer}` })
    await t.throwsAsync(dialler.dial(address(1)), { name: 'DialDeniedError', message: 'The connection gater denied all addresses in the dial request for peer: unknown peer' })
    t.deepEqual(wire.addresses, [])
  })

  for (const hook of ['denyOutboundConnection', 'denyOutboundEncryptedConnection', 'denyOutboundUpgradedConnection'] as const) {
    contract(`when ${hook} answers ${how}, the dial rejects with ConnectionInterceptedError`, async (t, { node }) => {
      const [dialler, remote] = await Promise.all([node({ connectionGater: { [hook]: () => says(true) } }), listening(t)])

      await t.throwsAsync(dialler.dial(addressesOf(remote)), { name: 'ConnectionInterceptedError', message: new RegExp(`^The multiaddr connection is blocked by gater\\.${hook}`) })
      t.deepEqual(dialler.getConnections(), [])
      t.is(await until(() => remote.getConnections().length, count => count === 0), 0)
    })
  }
}

contract('each gater hook is called once in a dial, in order, as a method of the gater', async (t, { node }) => {
  const remote = await listening(t)
  const called: string[] = []
  const hook = (name: string) => function (this: unknown): boolean {
    called.push(`${name}${this === gater ? '' : ' of something else'}`)

    return false
  }
  const names = ['denyDialPeer', 'denyDialMultiaddr', 'denyOutboundConnection', 'denyOutboundEncryptedConnection', 'denyOutboundUpgradedConnection']
  const gater = Object.fromEntries([...names, 'denyInboundConnection', 'denyInboundEncryptedConnection', 'denyInboundUpgradedConnection'].map(name => [name, hook(name)]))
  const dialler = await node({ connectionGater: gater })

  await dialler.dial(addressesOf(remote))

  t.deepEqual(called, names)
})

contract('when no peer id is known, hooks about a peer are called only after it has identified itself', async (t, { node }) => {
  const remote = await listening(t)
  const called: string[] = []
  const dialler = await node({
    connectionGater: {
      denyDialPeer: () => { called.push('denyDialPeer'); return false },
      denyOutboundConnection: () => { called.push('denyOutboundConnection'); return false },
      denyOutboundEncryptedConnection: peer => { called.push(`${peer}`); return false }
    }
  })

  leadsTo(t, await dialler.dial(addressesOf(remote)[0].decapsulate('/p2p')), remote)
  t.deepEqual(called, [`${remote.peerId}`])
})

contract('isDialable() calls denyDialMultiaddr and not denyDialPeer', async (t, { node }) => {
  const { peer } = await unreachablePeer()
  const asked: string[] = []
  const dialler = await node({
    connectionGater: {
      denyDialPeer: () => { asked.push('denyDialPeer'); return true },
      denyDialMultiaddr: multiaddr => { asked.push(`${multiaddr}`); return multiaddr.equals(address(2, peer)) }
    }
  })

  t.true(await dialler.isDialable(address(1, peer)))
  t.false(await dialler.isDialable(address(2, peer)))
  t.deepEqual(asked, texts([address(1, peer), address(2, peer)]))
})

for (const hook of ['denyDialPeer', 'denyDialMultiaddr'] as const) {
  contract(`aborting while ${hook} is pending rejects immediately, and nothing is dialled (stock: one address, with the aborted signal)`, async (t, { node, either }) => {
    const gate = new Gate()
    const wire = tap(fails)
    const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionGater: { [hook]: async () => gate.hold() } }), unreachablePeer()])
    const controller = new AbortController()
    const reason = new Error('because')
    const dial = rejection(dialler.dial(at, { signal: controller.signal }))
    await gate.arrival

    controller.abort(reason)
    t.is(await dial, reason)
    t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])

    gate.open()
    await sleep(20)
    t.deepEqual(wire.dials.map(({ signal }) => signal.aborted), either({ stock: [true], ours: [] }))

    const again = rejection(dialler.dial(at))
    t.is((await again).message, `failed ${at}`)
  })
}

contract('when a gater hook throws, the dial rejects with its error', async (t, { node }) => {
  const wire = tap()
  const thrown = new Error('the gater is broken')
  const { at } = await unreachablePeer()

  for (const hook of ['denyDialPeer', 'denyDialMultiaddr']) {
    const dialler = await node({ transports: [wire.transport], connectionGater: { [hook]: async () => { throw thrown } } })

    t.is(await rejection(dialler.dial(at)), thrown)
    t.deepEqual(dialler.getDialQueue(), [])
  }

  t.deepEqual(wire.addresses, [])
})
