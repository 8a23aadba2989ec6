// errors of a dial
import { address, unreachablePeer } from '../helpers/address.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, listening, mute } from '../libp2p/kit.ts'
import { contract, isPending, rejection } from './contract.ts'
import { fails, hang, tap } from './tap.ts'

contract('when the only address fails, the dial rejects with its transport\'s error', async (t, { node }) => {
  const [dialler, bad] = await Promise.all([node(), refused()])

  const error = await rejection(dialler.dial(bad.multiaddr))

  t.regex(error.message, new RegExp(`^connection error 127\\.0\\.0\\.1:${bad.port}: connect ECONNREFUSED`))
  t.false(error instanceof AggregateError)
})

contract('when several addresses fail, the dial rejects with an AggregateError of all errors', async (t, { node }) => {
  const [dialler, ...bad] = await Promise.all([node(), refused(), refused(), refused()])

  const error = await rejection(dialler.dial(bad.map(({ multiaddr }) => multiaddr)))

  t.true(error instanceof AggregateError)
  t.regex(error.message, /^All multiaddr dials failed/)
  t.deepEqual(error.errors.map(({ message }: Error) => /127\.0\.0\.1:(\d+)/.exec(message)?.[1]), bad.map(({ port }) => `${port}`))
})

contract('when another peer answers at the address, the dial rejects with EncryptionFailedError', async (t, { node }) => {
  const [dialler, remote, peer] = await Promise.all([node(), listening(t), newPeer()])

  await t.throwsAsync(dialler.dial(addressesOf(remote)[0].decapsulate('/p2p').encapsulate(`/p2p/${peer}`)), { name: 'EncryptionFailedError', message: /^Payload identity key .* does not match expected remote identity key/ })
  t.deepEqual(dialler.getConnections(), [])
})

contract('a handshake that exceeds addressDialTimeout fails with TimeoutError (stock: EncryptionFailedError, which hides the cause)', async (t, { node, either }) => {
  const [dialler, hole] = await Promise.all([node({ connectionManager: { addressDialTimeout: 1_000 } }), mute(t)])

  // the connection opens, but the handshake gets no answer
  await t.throwsAsync(dialler.dial(hole.multiaddr), { name: either({ stock: 'EncryptionFailedError', ours: 'TimeoutError' }) })
})

contract('an address that does not connect within addressDialTimeout fails with a TimeoutError that names it (stock: AbortError)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { addressDialTimeout: 50 } }), unreachablePeer()])

  await t.throwsAsync(dialler.dial(at), either({
    stock: { name: 'AbortError', message: 'The operation was aborted' },
    ours: { name: 'TimeoutError', message: `No connection to ${at} after 50 ms` }
  }))
})

contract('several addresses that time out fail with an AggregateError of TimeoutErrors (stock: of AbortErrors)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { addressDialTimeout: 50 } }), unreachablePeer()])

  const error = await rejection(dialler.dial([at, address(2, peer)]))

  t.true(error instanceof AggregateError)
  t.deepEqual(error.errors.map(({ name }: Error) => name), Array.from({ length: 2 }, () => either({ stock: 'AbortError', ours: 'TimeoutError' })))
})

contract('addresses beyond maxPeerAddrsToDial are skipped (stock: DialError, and the errors of attempts are lost)', async (t, { node, either }) => {
  const wire = tap(fails)
  const [dialler, { peer }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxPeerAddrsToDial: 2 } }), unreachablePeer()])

  const error = await rejection(dialler.dial([1, 2, 3].map(n => address(n, peer))))

  t.regex(error.message, either({ stock: /^Peer had more than maxPeerAddrsToDial$/, ours: /^All multiaddr dials failed for .*; 1 dropped by take: / }))
  t.deepEqual(error.errors?.map(({ message }: Error) => message), either({ stock: undefined, ours: [1, 2].map(n => `failed ${address(n, peer)}`) }))
})

contract('a dial beyond maxDialQueueLength rejects with DialError', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, a, b, c] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1, maxDialQueueLength: 2 } }), unreachablePeer(), unreachablePeer(), unreachablePeer()])
  const controller = new AbortController()
  const dials = [a.at, b.at, a.at, b.at].map(async at => rejection(dialler.dial(at, { signal: controller.signal })))

  await t.throwsAsync(dialler.dial(c.at), { name: 'DialError', message: 'Dial queue is full' })

  controller.abort()
  t.deepEqual(new Set((await Promise.all(dials)).map(({ name }) => name)), new Set(['AbortError']))
})

contract('stopping the node rejects a running dial with AbortError', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const dial = rejection(dialler.dial(at))
  await until(() => wire.dials.length, count => count === 1)

  await dialler.stop()

  t.is((await dial).name, 'AbortError')
  t.true(wire.dials[0]?.signal.aborted)
})

contract('stopping the node rejects a queued dial with AbortError (stock: after dialTimeout or never, a defect)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, a, b, c] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1, dialTimeout: 1_000 } }), unreachablePeer(), unreachablePeer(), unreachablePeer()])
  const controller = new AbortController()
  const dials = [dialler.dial(a.at), dialler.dial(b.at), dialler.dial(c.at, { signal: controller.signal })].map(rejection) as [Promise<any>, Promise<any>, Promise<any>]
  await until(() => wire.dials.length, count => count === 1)

  await dialler.stop()

  t.is((await dials[0]).name, 'AbortError')
  t.is(await isPending(dials[2]), either({ stock: true, ours: false }))
  t.is((await dials[1]).name, either({ stock: 'TimeoutError', ours: 'AbortError' }))
  t.is(await isPending(dials[2]), either({ stock: true, ours: false }))

  controller.abort()
  t.is((await dials[2]).name, 'AbortError')
  t.deepEqual(dialler.getDialQueue(), [])
})

contract('a dial after the node has stopped rejects with AbortError (stock: TimeoutError of the transport)', async (t, { node, either }) => {
  const wire = tap()
  const [dialler, remote] = await Promise.all([node({ transports: [wire.transport] }), listening(t)])
  await dialler.stop()

  for (const dial of [async () => dialler.dial(addressesOf(remote)), async () => dialler.dialProtocol(addressesOf(remote), '/test/1.0.0')]) {
    await t.throwsAsync(dial(), { name: either({ stock: 'TimeoutError', ours: 'AbortError' }) })
  }

  t.is(wire.dials.length, either({ stock: 2, ours: 0 }))
})

contract('the caller gets the error object that the transport threw', async (t, { node }) => {
  const thrown = new RangeError('it came so')
  const wire = tap(async () => { throw thrown })
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  t.is(await rejection(dialler.dial(at)), thrown)
})
