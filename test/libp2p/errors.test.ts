import { InvalidParametersError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { stock } from '../../presets/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, listening, mute } from './kit.ts'

const QUIC = multiaddr('/ip4/127.0.0.1/udp/4001/quic-v1')

test('a dial of the node itself rejects with InvalidPeerIdError', async t => {
  const node = await dialling(t, stock(), { listen: undefined })

  await t.throwsAsync(node.dial(node.peerId), { name: 'InvalidPeerIdError', message: 'Can not dial self' })
  await t.throwsAsync(node.dial(node.getMultiaddrs()), { name: 'InvalidPeerIdError', message: 'Can not dial self' })
})

test('addresses of different peers reject with InvalidParametersError', async t => {
  const [node, a, b] = await Promise.all([dialling(t, stock()), newPeer(), newPeer()])
  const address = multiaddr('/ip4/127.0.0.1/tcp/4001')
  const message = 'Multiaddrs must all have the same peer id or have no peer id'

  for (const others of [[`/p2p/${b}`], [`/p2p/${a}`, `/p2p/${b}`]]) {
    await t.throwsAsync(node.dial([address.encapsulate(`/p2p/${a}`), ...others.map(other => address.encapsulate(other))]), { name: 'InvalidParametersError', message })
  }

  await t.throwsAsync(node.dial([address, address.encapsulate(`/p2p/${a}`)]), { name: 'InvalidParametersError', message })
})

test('a string, or an object that is no address, rejects with a named error', async t => {
  const node = await dialling(t, stock())

  await t.throwsAsync(node.dial('/ip4/127.0.0.1/tcp/4001' as any), { instanceOf: InvalidParametersError, message: /multiaddr\(\)/ })
  await t.throwsAsync(node.dial(['/ip4/127.0.0.1/tcp/4001'] as any), { instanceOf: InvalidParametersError })
  await t.throwsAsync(node.dialProtocol('/ip4/127.0.0.1/tcp/4001' as any, '/test/1.0.0'), { instanceOf: InvalidParametersError })
  await t.throwsAsync(node.dial({} as any), { name: 'InvalidMultiaddrError' })
})

test('no dialable address rejects with NoValidAddressesError', async t => {
  const [node, peer] = await Promise.all([dialling(t, stock()), newPeer()])

  for (const target of [peer, multiaddr(`/p2p/${peer}`)]) {
    await t.throwsAsync(node.dial(target), { name: 'NoValidAddressesError', message: `The dial request has no valid addresses for peer: ${peer} (no address found; from-routing not asked: no peer router is configured)` })
  }

  await t.throwsAsync(node.dial([]), { name: 'NoValidAddressesError', message: 'The dial request has no valid addresses for peer: unknown peer (no address found; from-routing not asked: the peer is unknown)' })
  await t.throwsAsync(node.dial(QUIC), { name: 'NoValidAddressesError', message: `The dial request has no valid addresses for peer: unknown peer (1 no transport (${QUIC}))` })
  await t.throwsAsync(node.dial(QUIC.encapsulate(`/p2p/${peer}`)), { name: 'NoValidAddressesError', message: `The dial request has no valid addresses for peer: ${peer} (1 no transport (${QUIC}))` })
})

test('addresses that are all denied reject with DialDeniedError', async t => {
  const [node, peer] = await Promise.all([dialling(t, stock(), { connectionGater: { denyDialMultiaddr: () => true } }), newPeer()])
  const target = ['/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/tcp/4002'].map(one => multiaddr(one).encapsulate(`/p2p/${peer}`))

  await t.throwsAsync(node.dial(target), { name: 'DialDeniedError', message: `The connection gater denied all addresses in the dial request for peer: ${peer}` })
})

test('a failed address beside denied ones rejects with its error', async t => {
  const bad = await refused()
  const denied = multiaddr('/ip4/127.0.0.1/tcp/4001')
  const node = await dialling(t, stock(), { connectionGater: { denyDialMultiaddr: address => address.equals(denied) } })

  await t.throwsAsync(node.dial([denied, bad.multiaddr]), { message: /ECONNREFUSED/ })
})

test('a dial of a single address that fails rejects with its transport\'s error', async t => {
  const [node, bad] = await Promise.all([dialling(t, stock()), refused()])

  const error = await t.throwsAsync(node.dial(bad.multiaddr), { message: new RegExp(`^connection error 127\\.0\\.0\\.1:${bad.port}: connect ECONNREFUSED`) })
  t.false(error instanceof AggregateError)
})

test('several failed addresses reject with an AggregateError', async t => {
  const [node, ...bad] = await Promise.all([dialling(t, stock()), refused(), refused()])

  const error = await t.throwsAsync<AggregateError>(node.dial(bad.map(one => one.multiaddr)), { instanceOf: AggregateError, message: `All multiaddr dials failed for unknown peer: ${bad.map(one => `${one.multiaddr} refused`).join('; ')}` })
  t.deepEqual(error.errors.map(({ message }) => /127\.0\.0\.1:(\d+)/.exec(message)?.[1]), bad.map(({ port }) => `${port}`))
})

test('another peer at the address rejects with EncryptionFailedError', async t => {
  const [node, remote, peer] = await Promise.all([dialling(t, stock()), listening(t), newPeer()])

  await t.throwsAsync(node.dial(addressesOf(remote)[0].decapsulate('/p2p').encapsulate(`/p2p/${peer}`)), { name: 'EncryptionFailedError', message: /does not match expected remote identity key/ })
  t.deepEqual(node.getConnections(), [])
})

test('an aborted signal rejects with its reason, without a dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, stock()), listening(t)])
  const reason = { why: 'because' }

  t.is(await rejection(node.dial(addressesOf(remote), { signal: AbortSignal.abort(reason) })), reason)
  t.deepEqual(node.services.dialer.traces(), [])
})

test('a signal that aborts during the dial rejects with its reason', async t => {
  const [node, hole] = await Promise.all([dialling(t, stock()), mute(t)])

  for (const reason of [{ why: 'because' }, new Error('because'), undefined]) {
    const controller = new AbortController()
    const dial = rejection(node.dial(hole.multiaddr, { signal: controller.signal }))
    controller.abort(reason)

    t.is(await dial, controller.signal.reason)
  }
})

test('a dial rejects with TimeoutError after dialTimeout', async t => {
  const [node, hole] = await Promise.all([dialling(t, stock(), { connectionManager: { dialTimeout: 50 } }), mute(t)])

  await t.throwsAsync(node.dial(hole.multiaddr), { instanceOf: DOMException, name: 'TimeoutError', message: `The operation was aborted due to timeout: 1 not answered in time (${hole.multiaddr})` })
  t.deepEqual(node.getDialQueue(), [])
})

test('a signal replaces dialTimeout', async t => {
  const [node, hole] = await Promise.all([dialling(t, stock(), { connectionManager: { dialTimeout: 50 } }), mute(t)])
  const controller = new AbortController()
  const dial = node.dial(hole.multiaddr, { signal: controller.signal })

  await t.throwsAsync(node.dial(hole.multiaddr), { name: 'TimeoutError' })
  t.is(node.getDialQueue().length, 1)

  controller.abort()
  await t.throwsAsync(dial, { name: 'AbortError' })
})

test('an attempt fails with TimeoutError after addressDialTimeout', async t => {
  const [node, hole] = await Promise.all([dialling(t, stock(), { connectionManager: { addressDialTimeout: 50 } }), mute(t)])

  await t.throwsAsync(node.dial(hole.multiaddr, { signal: new AbortController().signal }), { name: 'TimeoutError', message: /after 50 ms/ })
})

test('a dial beyond maxDialQueueLength rejects with DialError', async t => {
  const [node, hole, ...peers] = await Promise.all([dialling(t, stock(), { connectionManager: { maxParallelDials: 1, maxDialQueueLength: 2 } }), mute(t), newPeer(), newPeer(), newPeer()])
  const [a, b, c] = peers.map(peer => hole.multiaddr.encapsulate(`/p2p/${peer}`)) as [typeof hole.multiaddr, typeof hole.multiaddr, typeof hole.multiaddr]
  const controller = new AbortController()
  const dials = Promise.allSettled([a, b, a, b].map(async address => node.dial(address, { signal: controller.signal })))

  await t.throwsAsync(node.dial(c), { name: 'DialError', message: 'Dial queue is full' })

  controller.abort()
  t.true((await dials).every(outcome => outcome.status === 'rejected' && outcome.reason === controller.signal.reason))
})

async function rejection (promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => { throw new Error('It was not rejected') }, error => error)
}
