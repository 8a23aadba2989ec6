import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { converge, dialable, fromCaller, fromRouting, gater, pipeline, race, requireProtocol, stagger } from '../../src/stages/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { active, changed, dialled, nodes } from './attaching.ts'
import { addressesOf, leadsTo, mute } from './kit.ts'

test('attach() to a running node replaces the dialer, and detach() restores libp2p\'s', async t => {
  const { node, remotes: [a, b, c], before } = await nodes(t, 3)

  leadsTo(t, await node.dial(addressesOf(a)), a)

  const dialer = attach(node, staggered())
  leadsTo(t, await node.dial(addressesOf(b)), b)
  t.deepEqual(dialled(dialer), [b.peerId].map(String))

  dialer.detach()
  t.deepEqual(await changed(node, before), [])
  leadsTo(t, await node.dial(addressesOf(c)), c)
  t.deepEqual(dialled(dialer), [b.peerId].map(String))
})

for (const [state, start, error] of [['that has never started', false, 'NotStartedError'], ['that has stopped', true, 'AbortError']] as const) {
  test(`a dialer attached to a node ${state} dials after the next start`, async t => {
    const { node, remotes: [remote] } = await nodes(t, 1, { start })
    await node.stop()
    const dialer = attach(node, staggered())

    await t.throwsAsync(node.dial(addressesOf(remote)), { name: error })
    await node.start()

    leadsTo(t, await node.dial(addressesOf(remote)), remote)
    t.is(dialer.traces().length, 1)
  })
}

test('the queue and the metric show running and queued dials of the pipeline', async t => {
  const { node, remotes: [a, b], close, queue, metric } = await nodes(t, 2, { connectionManager: { maxParallelDials: 1 } })
  const [atA, atB] = close(a, b)
  attach(node, staggered())

  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })

  const dials = [node.dial(addressesOf(a)), node.dial(addressesOf(b))]

  t.deepEqual(queue(), [`active ${a.peerId}`, `queued ${b.peerId}`])
  t.deepEqual(metric(), { size: 2, running: 1, queued: 1 })

  atA.open()
  await dials[0]
  t.deepEqual(queue(), active(b))
  t.deepEqual(metric(), { size: 1, running: 1, queued: 0 })

  atB.open()
  await dials[1]
  t.deepEqual(queue(), [])
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })
})

test('a lingering dial is not in the queue or the metric', async t => {
  const { node, remotes: [remote], queue, metric } = await nodes(t, 1)
  const hole = await mute(t)
  const dialer = attach(node, pipeline(fromCaller(), dialable(), gater(), stagger(10), race(), converge()), { convergence: { order: ['ws', 'tcp'] } })

  leadsTo(t, await node.dial([hole.multiaddr.encapsulate(`/ws/p2p/${remote.peerId}`), ...addressesOf(remote)]), remote)

  t.is(dialer.traces()[0]?.endedAt, undefined)
  t.deepEqual(queue(), [])
  t.deepEqual(metric(), { size: 0, running: 0, queued: 0 })
})

test('a dialer attached again has the node\'s settings', async t => {
  const { node, remotes: [a, b], close } = await nodes(t, 2, { connectionManager: { dialTimeout: 50 } })
  const [atA] = close(a)

  const first = attach(node, staggered())
  const { signal } = new AbortController()
  const dial = node.dial(addressesOf(a), { signal })
  await atA.arrival
  first.detach()
  attach(node, staggered())

  await t.throwsAsync(node.dial(addressesOf(b)), { name: 'TimeoutError' })

  atA.open()
  leadsTo(t, await dial, a)
})

test('detach() leaves no listener on the node', async t => {
  const { node } = await nodes(t, 0)
  const { events } = (node as any).components
  const listeners = (): number[] => ['peer:identify', 'connection:open', 'connection:close'].map(type => events.listenerCount(type))
  const before = listeners()
  const dialer = attach(node, pipeline(fromCaller(), fromRouting({ when: 'exhausted' }), race(), requireProtocol('/x/1.0.0')))
  await t.throwsAsync(node.dial(multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${await newPeer()}`)), { name: 'Error' })
  t.notDeepEqual(listeners(), before)
  dialer.detach()

  t.deepEqual(await until(listeners, counts => String(counts) === String(before)), before)
  dialer.history.networkChanged('home')
  t.deepEqual(listeners(), before)
})

test('a second detach() changes nothing', async t => {
  const { node, remotes: [remote], before } = await nodes(t, 1)
  const dialer = attach(node, staggered())

  dialer.detach()
  const again = attach(node, staggered())
  dialer.detach()
  await node.dial(addressesOf(remote))

  t.is(again.traces().length, 1)
  again.detach()
  t.deepEqual(await changed(node, before), [])
})
