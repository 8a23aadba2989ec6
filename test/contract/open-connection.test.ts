// dials and open connections
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { fakeMetrics } from '../libp2p/fake-metrics.ts'
import { addressesOf, Gate, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { unreachablePeer } from '../helpers/address.ts'
import { hang, tap } from './tap.ts'

contract('a dial before the first start rejects with NotStartedError', async (t, { node }) => {
  const wire = tap()
  const [dialler, { peer, at }] = await Promise.all([node({ start: false, transports: [wire.transport] }), unreachablePeer()])

  await t.throwsAsync(dialler.dial(at), { name: 'NotStartedError', message: 'Not started' })
  await t.throwsAsync(dialler.dial(peer), { name: 'NotStartedError' })
  await t.throwsAsync(dialler.dialProtocol(at, '/test/1.0.0'), { name: 'NotStartedError' })
  t.deepEqual(wire.addresses, [])
})

contract('the metric of pending dials counts a dial exactly while it runs', async (t, { node }) => {
  const wire = tap(hang)
  const { metrics, calculate } = fakeMetrics()
  const [dialler, { at }] = await Promise.all([node({ metrics, transports: [wire.transport] }), unreachablePeer()])
  const pending = (): number | undefined => calculate('libp2p_connection_manager_connections')['outbound pending']

  const controller = new AbortController()
  const dials = [dialler.dial(at, { signal: controller.signal }), dialler.dial(at, { signal: controller.signal })].map(rejection)
  t.is(pending(), 2)

  controller.abort()
  await Promise.all(dials)
  t.is(pending(), 0)
})

contract('a dial with an aborted signal rejects with its reason, and starts nothing', async (t, { node }) => {
  const wire = tap()
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const reason = { why: 'because' }
  const progress = heard()

  t.is(await rejection(dialler.dial(at, { signal: AbortSignal.abort(reason), ...progress.options })), reason)
  await t.throwsAsync(dialler.dial(at, { signal: AbortSignal.abort() }), { instanceOf: DOMException, name: 'AbortError' })
  t.deepEqual(progress.types, [])
  t.deepEqual(wire.addresses, [])
})

contract('a dial of the node itself rejects with InvalidPeerIdError', async (t, { node }) => {
  const dialler = await node({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  const progress = heard()

  for (const target of [dialler.peerId, dialler.getMultiaddrs()[0], dialler.getMultiaddrs()] as const) {
    await t.throwsAsync(dialler.dial(target as any, progress.options), { name: 'InvalidPeerIdError', message: 'Can not dial self' })
  }

  t.deepEqual(new Set(progress.types), new Set(['connection:open']))
})

contract('a dial of an own address without a peer id rejects with NoValidAddressesError (stock: dials itself, InvalidPeerIdError)', async (t, { node, either }) => {
  const dialler = await node({ listen: ['/ip4/127.0.0.1/tcp/0'] })

  await t.throwsAsync(dialler.dial(addressesOf(dialler)[0].decapsulate('/p2p')), either({
    stock: { name: 'InvalidPeerIdError', message: 'Can not dial self' },
    ours: { name: 'NoValidAddressesError' }
  }))
})

contract('an unspecified address (0.0.0.0) that the caller names reaches this machine', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t, { listen: ['/ip4/127.0.0.1/tcp/0'] })])
  const address = multiaddr(`/ip4/0.0.0.0/tcp/${addressesOf(remote)[0].getComponents()[1]?.value}/p2p/${remote.peerId}`)

  t.true(await dialler.isDialable(address))
  t.is((await dialler.dial(address)).status, 'open')
})

contract('an open connection answers a dial of the peer id or of any of its addresses', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t, { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0'] })])
  const [one, other] = addressesOf(remote) as any[]
  const connection = await dialler.dial(one)

  for (const target of [remote.peerId, one, other, [one, other]]) {
    t.is(await dialler.dial(target), connection)
  }

  t.deepEqual(wire.addresses, [`${one}`])
})

contract('a closed connection does not answer a dial', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const first = await dialler.dial(addressesOf(remote))
  await first.close()
  const second = await dialler.dial(addressesOf(remote))

  t.not(second.id, first.id)
  leadsTo(t, second, remote)
})

contract('with force, an open connection does not answer, and both stay open', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const first = await dialler.dial(addressesOf(remote))
  const second = await dialler.dial(addressesOf(remote), { force: true })

  t.not(second, first)
  t.deepEqual([first, second].map(({ status }) => status), ['open', 'open'])
  t.deepEqual(dialler.getConnections(remote.peerId), [first, second])
})

contract('a dial of an address connects to it, with force also when another is connected', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const [one, other] = [addressesOf(remote)[0], addressesOf(remote, 'ws')[0]]

  t.is(`${(await dialler.dial(one)).remoteAddr}`, `${one}`)
  // autonat closes a connection to another address than the one it dialled
  t.is(`${(await dialler.dial(other, { force: true })).remoteAddr}`, `${other}`)
})

contract('a second connection to the same address is aborted, and the dial resolves with the first', async (t, { node }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])
  const address = addressesOf(remote)[0].decapsulate('/p2p')
  const opened: any[] = []
  dialler.addEventListener('connection:open', ({ detail }) => { opened.push(detail) })

  const first = await dialler.dial(address)
  t.is(await dialler.dial(address), first)

  t.is(wire.dials.length, 2)
  t.deepEqual(opened.map(({ status }) => status), ['open', 'aborted'])
  t.deepEqual(dialler.getConnections(), [first])
})

contract('a connection that closes while it is opened rejects with ConnectionClosedError', async (t, { node }) => {
  const wire = tap(async dial => {
    const connection = await dial.connect()
    connection.abort(new Error('the remote has closed it'))

    return connection
  })
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])

  await t.throwsAsync(dialler.dial(addressesOf(remote)), { name: 'ConnectionClosedError', message: /^Remote closed connection during opening/ })
  t.deepEqual(dialler.getConnections(), [])
})

contract('a connection whose connection:open event was missed is returned by getConnections() and later dials', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  const { connectionManager, events } = (dialler as any).components
  events.removeEventListener('connection:open', connectionManager.onConnect)

  const connection = await dialler.dial(addressesOf(remote))

  t.deepEqual(dialler.getConnections(), [connection])
  t.is(await dialler.dial(remote.peerId), connection)
})

contract('dialProtocol() opens a stream of the first protocol that both support, over the same connection', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node(), listening(t)])
  await remote.handle('/test/1.0.0', stream => { void stream.close() })

  const stream = await dialler.dialProtocol(addressesOf(remote), ['/test/2.0.0', '/test/1.0.0'])

  t.is(stream.protocol, '/test/1.0.0')
  t.is(dialler.getConnections(remote.peerId).length, 1)
})

contract('peer:connect and connection:open fire once before the dial resolves', async (t, { node }) => {
  const gate = new Gate()
  const [dialler, remote] = await Promise.all([node({ connectionGater: { denyOutboundConnection: async () => gate.hold() } }), listening(t)])
  const told: string[] = []

  for (const type of ['peer:connect', 'connection:open', 'connection:close', 'peer:disconnect'] as const) {
    dialler.addEventListener(type, () => { told.push(type) })
  }

  const dial = dialler.dial(addressesOf(remote)).then(() => { told.push('connected') })
  await gate.arrival
  gate.open()
  await dial
  await sleep(20)

  t.deepEqual(told.toSorted(), ['connected', 'connection:open', 'peer:connect'])
  t.is(told.at(-1), 'connected')
})
