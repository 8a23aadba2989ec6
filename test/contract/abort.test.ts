// who gives up, and what becomes of the others
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/open-handles.ts'
import { addressesOf, leadsTo, listening } from '../libp2p/kit.ts'
import { contract, isPending, LONG, rejection } from './contract.ts'
import { somebody } from './places.ts'
import { fails, hang, tap } from './tap.ts'

const REASONS = [undefined, new Error('because'), { why: 'because' }, 'because', 0]

contract('each caller is told the reason of its own signal, and alone', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), somebody()])
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

contract('when all have given up, the transport is told, and nothing is left', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), somebody()])
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

contract('who dials again at once begins anew', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), somebody()])
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

contract('no address is begun after the last has given up', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { peer, at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } }), somebody()])
  const controller = new AbortController()
  const dial = rejection(dialler.dial([at, at.decapsulateCode(421).encapsulate(`/ws/p2p/${peer}`)], { signal: controller.signal }))
  await until(() => wire.dials.length, count => count === 1)

  controller.abort()
  await dial
  await sleep(LONG)

  t.is(wire.dials.length, 1)
})

contract('who gives up while it waits is told at once, and it is never begun', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, first, second] = await Promise.all([node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1 } }), somebody(), somebody(2)])
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

contract('a caller without a signal waits for dialTimeout', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } }), somebody()])

  await t.throwsAsync(dialler.dial(at), { instanceOf: DOMException, name: 'TimeoutError', message: /^The operation was aborted due to timeout/ })
  t.true(wire.dials[0]?.signal.aborted)
})

contract('a signal of its own stands in for dialTimeout, also a longer one', async (t, { node }) => {
  const remote = await listening(t)
  const wire = tap(async dial => hang(dial).catch(async () => dial.connect()))
  const dialler = await node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } })

  const dial = dialler.dial(addressesOf(remote), { signal: AbortSignal.timeout(60_000) })
  t.true(await isPending(dial))

  wire.dials[0]?.fail()
  leadsTo(t, await dial, remote)
})

contract('a signal of its own stands in for dialTimeout, also a shorter one', async (t, { node }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport] }), somebody()])

  await t.throwsAsync(dialler.dial(at, { signal: AbortSignal.timeout(50) }), { instanceOf: DOMException, name: 'TimeoutError', message: 'The operation was aborted due to timeout' })
})

contract('who joins without a signal waits for dialTimeout too (stock: for ever, a defect)', async (t, { node, either }) => {
  const wire = tap(hang)
  const [dialler, { at }] = await Promise.all([node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } }), somebody()])
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

contract('the one who began gives up, and who joined has the connection', async (t, { node }) => {
  const remote = await listening(t)
  const wire = tap(async dial => hang(dial).catch(async () => dial.connect()))
  const dialler = await node({ transports: [wire.transport], connectionManager: { dialTimeout: 50 } })
  const first = rejection(dialler.dial(addressesOf(remote)))
  const joiner = dialler.dial(addressesOf(remote), { signal: AbortSignal.timeout(60_000) })

  t.is((await first).name, 'TimeoutError')
  wire.dials[0]?.fail()
  leadsTo(t, await joiner, remote)
})

contract('the time that a dial waits for its turn does not count (stock: it does, a defect)', async (t, { node, either }) => {
  const [first, second] = await Promise.all([somebody(), somebody(2)])
  const wire = tap(async dial => dial.multiaddr.equals(first.at) ? hang(dial) : fails(dial))
  const dialler = await node({ transports: [wire.transport], connectionManager: { maxParallelDials: 1, dialTimeout: 50 } })
  const blocker = rejection(dialler.dial(first.at, { signal: AbortSignal.timeout(60_000) }))
  const waiting = rejection(dialler.dial(second.at))

  t.is(await isPending(waiting), either({ stock: false, ours: true }))
  wire.dials[0]?.fail()
  await blocker

  t.is((await waiting).message, either({ stock: 'The operation was aborted due to timeout', ours: `failed ${second.at}` }))
})

contract('a connection outlives the signals and the timeouts of its dial', async (t, { node }) => {
  const [dialler, remote] = await Promise.all([node({ connectionManager: { dialTimeout: 6_000, addressDialTimeout: 6_000 } }), listening(t)])
  const controller = new AbortController()

  const [connection] = await Promise.all([dialler.dial(addressesOf(remote)), dialler.dial(addressesOf(remote), { signal: controller.signal })])
  controller.abort()
  await sleep(6_200)

  leadsTo(t, connection, remote)
  t.is(remote.getConnections(dialler.peerId)[0]?.status, 'open')
})
