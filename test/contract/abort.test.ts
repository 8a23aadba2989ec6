// callers that abort or time out
import { setTimeout as sleep } from 'node:timers/promises'
import { unreachablePeer } from '../helpers/address.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, isPending, LONG, rejection } from './contract.ts'
import { fails, hang, tap } from './tap.ts'

const REASONS = [undefined, new Error('because'), { why: 'because' }, 'because', 0]

contract('each of several callers rejects with the reason of its own signal', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const stays = rejection(dialler.dial(at))
  const callers = REASONS.map(reason => ({ reason, controller: new AbortController() }))
  const dials = callers.map(async ({ controller: { signal } }) => rejection(dialler.dial(at, { signal })))

  for (const [i, { reason, controller }] of callers.entries()) {
    controller.abort(reason)
    t.is(await dials[i], controller.signal.reason)
  }

  t.is(wire.dials.length, 1)
  t.false(wire.dials[0]?.signal.aborted)
  t.is(dialler.getDialQueue().length, 1)

  wire.dials[0]?.fail()
  t.is((await stays).message, `failed ${at}`)
})

contract('when all callers have aborted, the transport\'s signal aborts and the queue is empty', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const controllers = [1, 2, 3].map(() => new AbortController())
  const dials = controllers.map(async ({ signal }) => rejection(dialler.dial(at, { signal })))
  await until(() => wire.dials.length, count => count === 1)

  for (const [i, controller] of controllers.entries()) {
    t.false(wire.dials[0]?.signal.aborted)
    controller.abort(new Error(`${i}`))
  }

  t.deepEqual((await Promise.all(dials)).map(({ message }) => message), ['0', '1', '2'])
  t.true(wire.dials[0]?.signal.aborted)
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
})

contract('a caller that dials again directly after its abort gets a new attempt', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])
  const controller = new AbortController()
  const first = rejection(dialler.dial(at, { signal: controller.signal }))
  await until(() => wire.dials.length, count => count === 1)

  controller.abort()
  await first
  const second = rejection(dialler.dial(at))
  await until(() => wire.dials.length, count => count === 2)
  wire.dials[1]?.fail()

  t.is((await second).message, `failed ${at}`)
  t.deepEqual(wire.dials.map(({ signal }) => signal.aborted), [true, false])
})

contract('no further address is dialled after the last caller has aborted', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } }), unreachablePeer()])
  const controller = new AbortController()
  const dial = rejection(dialler.dial([at, at.decapsulateCode(421).encapsulate(`/ws/p2p/${peer}`)], { signal: controller.signal }))
  await until(() => wire.dials.length, count => count === 1)

  controller.abort()
  await dial
  await sleep(LONG)

  t.is(wire.dials.length, 1)
})

contract('a queued dial whose caller aborts rejects immediately and never starts', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, first, second] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } }), unreachablePeer(), unreachablePeer(2)])
  const controller = new AbortController()
  const blocker = rejection(dialler.dial(first.at))
  const waiting = rejection(dialler.dial(second.at, { signal: controller.signal }))
  await until(() => wire.dials.length, count => count === 1)
  const reason = new Error('because')

  controller.abort(reason)
  t.is(await waiting, reason)
  t.deepEqual((await until(() => dialler.getDialQueue(), ({ length }) => length === 1)).map(({ peerId }) => `${peerId}`), [`${first.peer}`])

  wire.dials[0]?.fail()
  await blocker
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
  t.deepEqual(wire.addresses, [`${first.at}`])
})

contract('a dial without a signal fails with TimeoutError after dialTimeout', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } }), unreachablePeer()])

  await t.throwsAsync(dialler.dial(at), { instanceOf: DOMException, name: 'TimeoutError', message: /^The operation was aborted due to timeout/ })
  t.true(wire.dials[0]?.signal.aborted)
})

contract('a caller\'s longer signal replaces dialTimeout', async (t, { node }) => {
  const remote = await listening(t)
  const wire = tap(async dial => hang(dial).catch(async () => dial.connect()))
  const dialler = await node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } })

  const dial = dialler.dial(addressesOf(remote), { signal: AbortSignal.timeout(60_000) })
  t.true(await isPending(dial))

  wire.dials[0]?.fail()
  leadsTo(t, await dial, remote)
})

contract('a caller\'s shorter signal replaces dialTimeout', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), unreachablePeer()])

  await t.throwsAsync(dialler.dial(at, { signal: AbortSignal.timeout(50) }), { instanceOf: DOMException, name: 'TimeoutError', message: 'The operation was aborted due to timeout' })
})

contract('a caller that joins without a signal has dialTimeout (stock: waits for ever, a defect)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } }), unreachablePeer()])
  const controller = new AbortController()
  const first = rejection(dialler.dial(at, { signal: controller.signal }))
  const joiner = rejection(dialler.dial(at))

  t.is(await isPending(joiner), either({ stock: true, ours: false }))
  t.true(await isPending(first))

  controller.abort()
  wire.dials[0]?.fail()
  t.is((await joiner).name, either({ stock: 'Error', ours: 'TimeoutError' }))
  t.is((await first).name, 'AbortError')
})

contract('a caller that joined gets the connection although the first caller timed out', async (t, { node }) => {
  const remote = await listening(t)
  const wire = tap(async dial => hang(dial).catch(async () => dial.connect()))
  const dialler = await node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } })
  const first = rejection(dialler.dial(addressesOf(remote)))
  const joiner = dialler.dial(addressesOf(remote), { signal: AbortSignal.timeout(60_000) })

  t.is((await first).name, 'TimeoutError')
  wire.dials[0]?.fail()
  leadsTo(t, await joiner, remote)
})

contract('the time in the queue does not count against dialTimeout (stock: it does, a defect)', async (t, { node, either }) => {
  const [first, second] = await Promise.all([unreachablePeer(), unreachablePeer(2)])
  const wire = tap(async dial => dial.multiaddr.equals(first.at) ? hang(dial) : fails(dial))
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1, dialTimeout: 50 } })
  const blocker = rejection(dialler.dial(first.at, { signal: AbortSignal.timeout(60_000) }))
  const waiting = rejection(dialler.dial(second.at))

  t.is(await isPending(waiting), either({ stock: false, ours: true }))
  wire.dials[0]?.fail()
  await blocker

  t.is((await waiting).message, either({ stock: 'The operation was aborted due to timeout', ours: `failed ${second.at}` }))
})

contract('a connection stays open after the signals and timeouts of its dial have fired', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node({ connectionManager: { dialTimeout: 6_000, addressDialTimeout: 6_000 } }), listening(t)])
  const controller = new AbortController()

  const [connection] = await Promise.all([dialler.dial(addressesOf(remote)), dialler.dial(addressesOf(remote), { signal: controller.signal })])
  controller.abort()
  await sleep(6_200)

  leadsTo(t, connection, remote)
  t.is(remote.getConnections(dialler.peerId)[0]?.status, 'open')
})
