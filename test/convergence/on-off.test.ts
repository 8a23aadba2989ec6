import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { FakeNode, RELAY, TCP, WS } from './fakes.ts'

test('a stopped node neither prefers nor closes connections, and start() resumes', async t => {
  const node = new FakeNode()
  node.convergence.stop()
  await node.open({ to: RELAY })
  await node.open({ to: TCP })
  t.is(node.preferred(), undefined)
  await node.clock.advance(1_000_000)
  t.is(node.connections.length, 2)
  node.convergence.start()
  t.is(node.preferred(), node.connections[1])
  await node.clock.advance(30_000)
  t.is(node.connections.length, 1)
})

test('connections do not converge when the pipeline has no converge(), or when the node refuses it', async t => {
  const refusing = new FakeNode(false)
  const off = new FakeNode()
  off.convergence.isOn = false

  for (const node of [refusing, off]) {
    await node.open({ to: RELAY })
    await node.open({ to: TCP })
    await node.clock.advance(1_000_000)
    t.is(node.preferred(), undefined)
    t.is(node.connections.length, 2)
    t.is(node.events.listenerCount('connection:open'), 0)
  }

  off.convergence.isOn = true
  t.is(off.preferred(), off.connections[1])
  await off.clock.advance(30_000)
  t.is(off.connections.length, 1)
})

test('turning convergence off keeps connections that were to be closed once idle', async t => {
  const node = new FakeNode({ idle: 5_000 })
  await node.open({ to: RELAY })
  await node.open({ to: TCP })
  await node.clock.advance(4_000)
  node.convergence.isOn = false
  await node.clock.advance(1_000_000)
  t.is(node.connections.length, 2)
  t.is(node.clock.pending, 0)
})

test('stop() ends all drains and removes all listeners', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  relayed.open('/chat')
  await node.open({ to: TCP })
  await node.open({ to: WS, isOfDial: false })
  t.true(node.clock.pending > 0)
  node.convergence.stop()
  await settled()
  t.is(node.clock.pending, 0)
  await node.clock.advance(1_000_000)
  t.is(node.connections.length, 3)
  t.is(node.events.listenerCount('connection:open'), 0)
  t.is(node.events.listenerCount('connection:close'), 0)
})

test('release() and isReplaced() return false while convergence is off', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, direction: 'inbound' })
  await node.open({ to: TCP })
  node.convergence.isOn = false
  t.false(node.convergence.release(relayed.real))
  t.false(node.convergence.isReplaced(relayed.real))
})
