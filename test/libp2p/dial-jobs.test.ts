import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { until } from '../helpers/open-handles.ts'
import { addressesOf, dialling, leadsTo, listening, mute, randomPeer } from './kit.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

/** A node that dials somebody who never answers */
async function busy (t: ExecutionContext, connectionManager = {}): Promise<{ node: Libp2p, queue: any, dial: Promise<unknown> }> {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered(), { connectionManager }), mute(t), randomPeer()])
  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`)).then(() => 'connected', err => err)
  await until(() => hole.accepted, accepted => accepted === 1)

  return { node, queue: queueOf(node), dial }
}

const queueOf = (node: Libp2p): any => (node as any).components.connectionManager.dialQueue.queue

test('the queue of the dialer counts the dials that run, and those that wait', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  void node.dial(await randomPeer()).catch(() => {})

  t.like(queue, { size: 2, running: 1, queued: 1, pending: 1 })
  t.deepEqual(queue.queue.map(({ status }: any) => status), ['running', 'queued'])
  queue.abort()
  t.like(queue, { size: 0, running: 0, queued: 0 })
})

test('whoever waits for the queue to be idle, empty or small is told when its dials have ended', async t => {
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

test('the queue tells of each dial by the events of libp2p\'s own', async t => {
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

test('clearing the queue ends the dials that wait, and no other', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  const waiting = node.dial(await randomPeer())
  queue.clear()

  await t.throwsAsync(waiting, { name: 'AbortError', message: /cleared/ })
  t.like(queue, { size: 1, running: 1 })
})

test('a paused queue begins no dial until it is resumed', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])
  const queue = queueOf(node)
  queue.pause()
  const dial = node.dial(addressesOf(remote))
  await until(() => queue.queued, queued => queued === 1)
  t.is(queue.running, 0)

  queue.resume()
  leadsTo(t, await dial, remote)
})

test('a job of the queue can be aborted by itself', async t => {
  const { queue, dial } = await busy(t)
  queue.queue[0].abort(new Error('not this one'))

  t.is((await dial as Error).message, 'not this one')
})

test('a dial queue, and its queue, that were kept from before the dialer was attached do what the present ones do', async t => {
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
  await until(() => queueOf(node), now => now === queue)
  leadsTo(t, await dialQueue.dial(addressesOf(remote)), remote)
})
