import test from 'ava'
import { BELOW, FakeNode, QUIC, RELAY, TCP, WS } from './fakes.ts'

test('reaching the connection limit does not shorten the deadline of a redundant connection with a stream', async t => {
  const node = new FakeNode({ deadline: 60_000 })
  const relayed = await node.open({ to: RELAY })
  await node.open({ to: TCP })
  relayed.open('/chat')
  t.is(node.changes[0]?.deadline, 60_000)
  await node.clock.advance(50_000)
  node.maxConnections = 3
  await node.open({ to: TCP, remotePeer: BELOW })
  await node.clock.advance(9_999)
  t.is(relayed.status, 'open')
  await node.clock.advance(1)
  t.is(relayed.status, 'closed')
})

test('the preferred connection has no deadline, even when the remote\'s connection is the one to keep', async t => {
  const node = new FakeNode({ order: ['ws'], deadline: 10_000 })
  const ws = await node.open({ to: WS })
  // the remote's connection is the one to keep
  const tcp = await node.open({ to: TCP, direction: 'inbound' })
  t.is(node.preferred(), ws)
  const stream = ws.open('/chat')
  await node.clock.advance(60_000)
  t.is(ws.status, 'open')
  ws.finish(stream)
  await node.clock.advance(30_000)
  t.is(ws.status, 'closed')
  t.is(tcp.status, 'open')
})

test('the deadline starts when another connection is preferred, and is in the event', async t => {
  const node = new FakeNode({ order: ['quic-v1', 'ws'], deadline: 10_000 })
  const ws = await node.open({ to: WS })
  await node.open({ to: TCP, direction: 'inbound' })
  ws.open('/chat')
  await node.clock.advance(60_000)
  const quic = await node.open({ to: QUIC, direction: 'inbound' })
  t.is(node.preferred(), quic)
  t.deepEqual(node.changes.map(({ deadline }) => deadline), [70_000])
  await node.clock.advance(9_999)
  t.is(ws.status, 'open')
  await node.clock.advance(1)
  t.is(ws.status, 'closed')
})
