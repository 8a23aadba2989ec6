import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { busy, queueOf } from './dialling-queue.ts'
import { addressesOf, dialling, leadsTo, listening, mute } from './kit.ts'

test('the queue counts running and queued dials', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  void node.dial(await newPeer()).catch(() => {})

  t.like(queue, { size: 2, running: 1, queued: 1, pending: 1 })
  t.deepEqual(queue.queue.map(({ status }: any) => status), ['running', 'queued'])
  queue.abort()
  t.like(queue, { size: 0, running: 0, queued: 0 })
})

test('a job has its recipients and priority, and is the same object each time', async t => {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }), mute(t), newPeer()])
  const queue = queueOf(node)
  const { signal } = new AbortController()
  const onProgress = (): void => {}
  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal, onProgress, priority: 70 } as object)
  const other = node.dial(await newPeer(), { priority: 60 } as object)
  const [job, queued] = queue.queue

  t.is(queue.queue[0], job)
  t.like(job, { status: 'running', options: { priority: 70, signal, onProgress } })
  t.true(job.options.peerId.equals(peer))
  t.like(queued, { status: 'queued', options: { priority: 60 } })

  const failed = new Promise<any>(resolve => { queue.addEventListener('failure', ({ detail }: any) => { resolve(detail) }, { once: true }) })
  job.controller.abort(new Error('enough'))
  await t.throwsAsync(dial, { message: 'enough' })
  t.is((await failed).job, job)
  t.is(job.status, 'errored')
  t.true(job.controller.signal.aborted)
  await t.throwsAsync(other, { name: 'NoValidAddressesError' })
})

test('jobs are sorted by priority, as libp2p\'s', async t => {
  const [node, hole] = await Promise.all([dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }), mute(t)])
  const queue = queueOf(node)
  const dials = [10, 30, 20, 30].map(async priority => node.dial(hole.multiaddr.encapsulate(`/p2p/${await newPeer()}`), { priority } as object))
  await until(() => queue.size, size => size === 4)

  t.deepEqual(queue.queue.map(({ options }: any) => options.priority), [30, 30, 20, 10])
  t.is(typeof queue.sort, 'function')
  queue.abort()
  await Promise.allSettled(dials)
})

test('reading the queue formats no address', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  let formatted = 0
  const dials = await Promise.all([10, 20, 30].map(async priority => {
    const address = multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${await newPeer()}`)
    const { toString } = address
    address.toString = () => {
      formatted++

      return toString.call(address)
    }

    return { priority, address }
  }))
  const outcomes = Promise.allSettled(dials.map(async ({ priority, address }) => node.dial(address, { priority } as object)))
  await until(() => queue.size, size => size === 4)
  formatted = 0

  t.deepEqual(queue.queue.map(({ options }: any) => options.priority), [75, 30, 20, 10])
  t.is(formatted, 0)
  queue.abort()
  await outcomes
})

test('a job of the queue can be aborted', async t => {
  const { queue, dial } = await busy(t)
  queue.queue[0].abort(new Error('not this one'))

  t.is((await dial as Error).message, 'not this one')
})

test('clear() rejects queued dials only', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  const waiting = node.dial(await newPeer())
  queue.clear()

  await t.throwsAsync(waiting, { name: 'AbortError', message: /cleared/ })
  t.like(queue, { size: 0, running: 1 })
})

test('clear() empties libp2p\'s own queue too', async t => {
  const [node, hole] = await Promise.all([listening(t, { listen: [], connectionManager: { maxParallelDials: 1 } }), mute(t)])
  const leaving = new AbortController()
  const dials = await Promise.all([1, 2].map(async () => hole.multiaddr.encapsulate(`/p2p/${await newPeer()}`)))
  const ended = dials.map(async address => node.dial(address, { signal: leaving.signal }).catch(() => {}))
  await until(() => hole.accepted, accepted => accepted === 1)
  attach(node, staggered())
  t.like(queueOf(node), { size: 2, running: 1 })

  queueOf(node).clear()
  t.like(queueOf(node), { size: 0, running: 0 })
  leaving.abort()
  await Promise.all(ended)
})

test('a dialQueue reference from before attach() forwards to the current one', async t => {
  const [node, remote, hole, peer] = await Promise.all([listening(t, { listen: [] }), listening(t), mute(t), newPeer()])
  const { dialQueue } = (node as any).components.connectionManager
  const { queue } = dialQueue
  const dialer = attach(node, staggered())

  leadsTo(t, await dialQueue.dial(addressesOf(remote)), remote)
  t.true(await dialQueue.isDialable(addressesOf(remote)))
  t.is(dialer.traces().length, 1)

  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`))
  const idle = queue.onIdle()
  t.is(queue.size, 1)
  queue.abort()
  await t.throwsAsync(dial, { name: 'AbortError' })
  await idle

  dialer.detach()
  t.is(await until(() => queueOf(node), now => now === queue), queue)
  leadsTo(t, await dialQueue.dial(addressesOf(remote)), remote)
})
