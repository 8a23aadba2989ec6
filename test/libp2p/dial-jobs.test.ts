import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { until } from '../helpers/open-handles.ts'
import { addressesOf, dialling, leadsTo, listening, mute, randomPeer } from './kit.ts'
import type { Dialer } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

/** A node with a dial that gets no answer */
async function busy (t: ExecutionContext, connectionManager = {}): Promise<{ node: Libp2p<{ dialer: Dialer }>, queue: any, dial: Promise<unknown> }> {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager }), mute(t), randomPeer()])
  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`)).then(() => 'connected', err => err)
  await until(() => hole.accepted, accepted => accepted === 1)

  return { node, queue: queueOf(node), dial }
}

const queueOf = (node: Libp2p): any => (node as any).components.connectionManager.dialQueue.queue

test('the queue counts running and queued dials', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  void node.dial(await randomPeer()).catch(() => {})

  t.like(queue, { size: 2, running: 1, queued: 1, pending: 1 })
  t.deepEqual(queue.queue.map(({ status }: any) => status), ['running', 'queued'])
  queue.abort()
  t.like(queue, { size: 0, running: 0, queued: 0 })
})

test('onIdle(), onEmpty() and onSizeLessThan() resolve when dials have ended', async t => {
  const { queue, dial } = await busy(t)
  const told: string[] = []
  const waits = [
    queue.onIdle().then(() => told.push('idle')),
    queue.onEmpty().then(() => told.push('empty')),
    queue.onSizeLessThan(1).then(() => told.push('small'))
  ]
  await Promise.resolve()
  t.deepEqual(told, [])

  queue.abort()
  t.is((await dial as Error).name, 'AbortError')
  await Promise.all(waits)
  await queue.onIdle()
})

test('the queue emits libp2p\'s events for each dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const queue = queueOf(node)
  const heard: string[] = []

  for (const type of ['add', 'active', 'completed', 'success', 'failure', 'next', 'empty', 'idle']) {
    queue.addEventListener(type, () => { heard.push(type) })
  }

  leadsTo(t, await node.dial(addressesOf(remote)), remote)
  await until(() => heard, ({ length }) => length === 7)
  t.deepEqual(heard.splice(0), ['add', 'active', 'completed', 'success', 'next', 'empty', 'idle'])

  await t.throwsAsync(node.dial(await randomPeer()))
  await until(() => heard, ({ length }) => length === 6)
  t.deepEqual(heard, ['add', 'active', 'failure', 'next', 'empty', 'idle'])
})

test('clear() rejects queued dials only', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  const waiting = node.dial(await randomPeer())
  queue.clear()

  await t.throwsAsync(waiting, { name: 'AbortError', message: /cleared/ })
  t.like(queue, { size: 1, running: 1 })
})

test('clear() empties libp2p\'s own queue too', async t => {
  const [node, hole] = await Promise.all([listening(t, { listen: [], connectionManager: { maxParallelDials: 1 } }), mute(t)])
  const leaving = new AbortController()
  const dials = await Promise.all([1, 2].map(async () => hole.multiaddr.encapsulate(`/p2p/${await randomPeer()}`)))
  const ended = dials.map(async address => node.dial(address, { signal: leaving.signal }).catch(() => {}))
  await until(() => hole.accepted, accepted => accepted === 1)
  attach(node, staggered())
  t.like(queueOf(node), { size: 2, running: 1 })

  queueOf(node).clear()
  t.like(queueOf(node), { size: 0, running: 0 })
  leaving.abort()
  await Promise.all(ended)
})

test('a paused queue starts no dial until resume()', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const queue = queueOf(node)
  queue.pause()
  const dial = node.dial(addressesOf(remote))
  await until(() => queue.queued, queued => queued === 1)
  t.is(queue.running, 0)

  queue.resume()
  leadsTo(t, await dial, remote)
})

test('a job of the queue can be aborted', async t => {
  const { queue, dial } = await busy(t)
  queue.queue[0].abort(new Error('not this one'))

  t.is((await dial as Error).message, 'not this one')
})

test('a dialQueue reference from before attach() forwards to the current one', async t => {
  const [node, remote, hole, peer] = await Promise.all([listening(t, { listen: [] }), listening(t), mute(t), randomPeer()])
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

test('setting concurrency limits running dials, also after detach()', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  const hole = await mute(t)
  const leaving = new AbortController()
  const dials = await Promise.all([1, 2, 3].map(async () => {
    const peer = await randomPeer()

    return { dial: node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal: leaving.signal }).catch(err => err) }
  }))
  t.like(queue, { concurrency: 1, running: 1, queued: 3 })

  queue.concurrency = 3
  t.like(queue, { concurrency: 3, running: 3, queued: 1 })
  queue.concurrency = 1
  leaving.abort()
  await Promise.all(dials.map(async ({ dial }) => dial))
  const waiting = node.dial(hole.multiaddr.encapsulate(`/p2p/${await randomPeer()}`)).catch(err => err)
  t.like(queue, { concurrency: 1, running: 1, queued: 1 })

  node.services.dialer.detach()
  queue.abort()
  await waiting
  await until(() => queueOf(node), now => now !== queue)
  t.is(queueOf(node).concurrency, 1)
})

test('a concurrency that is not a number starts no dial', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const queue = queueOf(node)
  queue.concurrency = Number.NaN
  const dial = node.dial(addressesOf(remote))
  await until(() => queue.queued, queued => queued === 1)

  queue.concurrency = 1
  leadsTo(t, await dial, remote)
})

test('the queue emits empty and idle once when many dials end together', async t => {
  const [node, hole] = await Promise.all([dialling(t, staggered()), mute(t)])
  const queue = queueOf(node)
  const heard: string[] = []
  queue.addEventListener('empty', () => { heard.push('empty') })
  queue.addEventListener('idle', () => { heard.push('idle') })
  const leaving = new AbortController()
  const peers = await Promise.all(Array.from({ length: 8 }, randomPeer))
  const dials = peers.map(async peer => node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal: leaving.signal }))
  await until(() => hole.accepted, accepted => accepted === 8)
  const idle = queue.onIdle()
  leaving.abort()
  await Promise.allSettled(dials)
  await idle
  await queue.onIdle()

  t.deepEqual(heard, ['empty', 'idle'])
})

test('a job has its recipients and priority, and is the same object each time', async t => {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }), mute(t), randomPeer()])
  const queue = queueOf(node)
  const { signal } = new AbortController()
  const onProgress = (): void => {}
  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal, onProgress, priority: 70 } as object)
  const other = node.dial(await randomPeer(), { priority: 60 } as object)
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
  await t.throwsAsync(other)
})

test('jobs are sorted by priority, as libp2p\'s', async t => {
  const [node, hole] = await Promise.all([dialling(t, staggered(), { connectionManager: { maxParallelDials: 1 } }), mute(t)])
  const queue = queueOf(node)
  const dials = [10, 30, 20, 30].map(async priority => node.dial(hole.multiaddr.encapsulate(`/p2p/${await randomPeer()}`), { priority } as object))
  await until(() => queue.size, size => size === 4)

  t.deepEqual(queue.queue.map(({ options }: any) => options.priority), [30, 30, 20, 10])
  t.is(typeof queue.sort, 'function')
  queue.abort()
  await Promise.allSettled(dials)
})

test('add() of a task that is not a dial lists it as a job until it ends', async t => {
  const node = await dialling(t, staggered())
  const queue = queueOf(node)
  const heard: string[] = []

  for (const type of ['add', 'active', 'completed', 'success', 'failure', 'next', 'empty', 'idle']) {
    queue.addEventListener(type, () => { heard.push(type) })
  }

  let end = (_: number): void => {}
  const task = queue.add(async () => new Promise<number>(resolve => { end = resolve }))
  t.like(queue, { size: 1, running: 1, queued: 0 })
  end(5)
  t.is(await task, 5)
  await until(() => heard, ({ length }) => length === 7)
  t.deepEqual(heard.splice(0), ['add', 'active', 'completed', 'success', 'next', 'empty', 'idle'])

  const endless = queue.add(async () => new Promise(() => {}))
  queue.abort()
  await t.throwsAsync(endless, { name: 'AbortError' })
  await until(() => heard, ({ length }) => length === 6)
  t.deepEqual(heard, ['add', 'active', 'failure', 'next', 'empty', 'idle'])
})

test('toGenerator() yields the connections of dials, and ends when the queue is idle', async t => {
  const [node, a, b] = await Promise.all([dialling(t, staggered()), listening(t), listening(t)])
  const peers: string[] = []
  const read = (async () => {
    for await (const connection of queueOf(node).toGenerator()) {
      peers.push(connection.remotePeer.toString())
    }
  })()
  await Promise.all([a, b].map(async remote => node.dial(addressesOf(remote))))
  await read

  t.deepEqual(peers.toSorted(), [a, b].map(({ peerId }) => peerId.toString()).toSorted())
})

test('a dialer attached to a paused queue starts no dial until resume()', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const queue = queueOf(node)
  queue.pause()
  t.true(queue.paused)
  const dial = node.dial(addressesOf(remote))
  node.services.dialer.detach()
  attach(node, staggered())
  const other = await listening(t)
  const next = node.dial(addressesOf(other))
  await until(() => queue.queued, queued => queued === 2)

  queue.resume()
  t.false(queue.paused)
  leadsTo(t, await dial, remote)
  leadsTo(t, await next, other)
})
