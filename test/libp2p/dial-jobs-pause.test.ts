import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { busy, queueOf } from './dialling-queue.ts'
import { addressesOf, dialling, leadsTo, listening, mute } from './kit.ts'

test('a paused queue starts no dial until resume(), also of a dialer that is attached meanwhile', async t => {
  const [node, ...remotes] = await Promise.all([dialling(t, staggered()), listening(t), listening(t)])
  const queue = queueOf(node)
  queue.pause()
  t.true(queue.paused)
  const dial = node.dial(addressesOf(remotes[0]))
  node.services.dialer.detach()
  attach(node, staggered())
  const next = node.dial(addressesOf(remotes[1]))
  await until(() => queue.queued, queued => queued === 2)
  t.is(queue.running, 0)

  queue.resume()
  t.false(queue.paused)
  leadsTo(t, await dial, remotes[0])
  leadsTo(t, await next, remotes[1])
})

test('setting concurrency limits running dials, also after detach()', async t => {
  const { node, queue } = await busy(t, { maxParallelDials: 1 })
  const hole = await mute(t)
  const leaving = new AbortController()
  const dials = await Promise.all([1, 2, 3].map(async () => {
    const peer = await newPeer()

    return { dial: node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal: leaving.signal }).catch(err => err) }
  }))
  t.like(queue, { concurrency: 1, running: 1, queued: 3 })

  queue.concurrency = 3
  t.like(queue, { concurrency: 3, running: 3, queued: 1 })
  queue.concurrency = 1
  leaving.abort()
  await Promise.all(dials.map(async ({ dial }) => dial))
  const waiting = node.dial(hole.multiaddr.encapsulate(`/p2p/${await newPeer()}`)).catch(err => err)
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
