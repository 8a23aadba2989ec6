import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { busy, queueOf } from './dialling-queue.ts'
import { addressesOf, dialling, leadsTo, listening, mute } from './kit.ts'

const SUCCEEDED = ['add', 'active', 'completed', 'success', 'next', 'empty', 'idle']
const FAILED = ['add', 'active', 'failure', 'next', 'empty', 'idle']

/** Records events of a queue. The returned function waits for `count` of them, and returns all since its last call */
function recordEvents (queue: any, types = [...new Set([...SUCCEEDED, ...FAILED])]): (count: number) => Promise<string[]> {
  const heard: string[] = []
  types.forEach(type => { queue.addEventListener(type, () => { heard.push(type) }) })

  return async count => {
    await until(() => heard, ({ length }) => length >= count)

    return heard.splice(0)
  }
}

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
  const events = recordEvents(queue)

  leadsTo(t, await node.dial(addressesOf(remote)), remote)
  t.deepEqual(await events(SUCCEEDED.length), SUCCEEDED)

  await t.throwsAsync(node.dial(await newPeer()), { name: 'NoValidAddressesError' })
  t.deepEqual(await events(FAILED.length), FAILED)
})

test('the queue emits empty and idle once when many dials end together', async t => {
  const [node, hole] = await Promise.all([dialling(t, staggered()), mute(t)])
  const queue = queueOf(node)
  const events = recordEvents(queue, ['empty', 'idle'])
  const leaving = new AbortController()
  const peers = await Promise.all(Array.from({ length: 8 }, newPeer))
  const dials = peers.map(async peer => node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal: leaving.signal }))
  await until(() => hole.accepted, accepted => accepted === 8)
  const idle = queue.onIdle()
  leaving.abort()
  await Promise.allSettled(dials)
  await idle
  await queue.onIdle()

  t.deepEqual(await events(2), ['empty', 'idle'])
})

test('add() of a task that is not a dial lists it as a job until it ends', async t => {
  const node = await dialling(t, staggered())
  const queue = queueOf(node)
  const events = recordEvents(queue)

  let end = (_: number): void => {}
  const task = queue.add(async () => new Promise<number>(resolve => { end = resolve }))
  t.like(queue, { size: 1, running: 1, queued: 0 })
  end(5)
  t.is(await task, 5)
  t.deepEqual(await events(SUCCEEDED.length), SUCCEEDED)

  const endless = queue.add(async () => new Promise(() => {}))
  queue.abort()
  await t.throwsAsync(endless, { name: 'AbortError' })
  t.deepEqual(await events(FAILED.length), FAILED)
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
