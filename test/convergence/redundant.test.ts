import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { ABOVE, BELOW, FakeNode, RELAY, TCP } from './fakes.ts'

test('a connection is redundant when another is preferred, except to a relay with a reservation', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY })
  t.false(node.convergence.isRedundant(relayed.real))
  const direct = await node.open({ to: TCP })
  t.deepEqual([relayed, direct].map(({ real }) => node.convergence.isRedundant(real)), [true, false])

  const reserving = new FakeNode()
  reserving.tags = ['keep-alive-circuit-relay']
  const connections = [await reserving.open({ to: RELAY }), await reserving.open({ to: TCP })]
  t.deepEqual(connections.map(({ real }) => reserving.convergence.isRedundant(real)), [false, false])
})

test('a connection that the remote dialled is redundant beside one that stays, while it carries nothing', async t => {
  const node = new FakeNode({ idle: 0 })
  const [one, two] = [await node.open({ direction: 'inbound' }), await node.open({ direction: 'inbound' })]
  t.deepEqual([one, two].map(({ real }) => node.convergence.isRedundant(real)), [false, true])

  const stream = two.open('/test/1')
  t.false(node.convergence.isRedundant(two.real))
  two.finish(stream)
  t.true(node.convergence.isRedundant(two.real))

  // the peer reserves a place at this node, a relay, over a connection that the relay cannot tell
  node.tags = ['circuit-relay-source']
  node.maxConnections = 3
  await node.open({ remotePeer: 'm', direction: 'inbound' })
  t.deepEqual([one, two].map(({ real }) => node.convergence.isRedundant(real)), [false, false])
  t.is(two.status, 'open')

  node.tags = undefined
  await node.open({ remotePeer: 'n', direction: 'inbound' })
  t.true(node.convergence.isRedundant(two.real))
  await one.close()
  t.false(node.convergence.isRedundant(two.real))
})

test('a second relayed connection does not replace the first', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, isLimited: true })
  const unlimited = await node.open({ to: RELAY })
  t.is(node.preferred(), unlimited)
  t.false(node.convergence.isReplaced(relayed.real))
  await node.open({ to: TCP })
  t.true(node.convergence.isReplaced(relayed.real))
  t.true(node.convergence.isReplaced(unlimited.real))
})

test('a released inbound connection is closed after the idle time, unless it is the preferred one', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, direction: 'inbound' })
  t.true(node.convergence.release(relayed.real))
  t.false(node.convergence.isReplaced(relayed.real))
  await node.clock.advance(1_000_000)
  t.is(relayed.status, 'open')

  const direct = await node.open({ to: TCP })
  t.true(node.convergence.isReplaced(relayed.real))
  const stream = relayed.open('/test/1')
  t.true(node.convergence.release(relayed.real))
  t.true(node.convergence.release(direct.real))
  await node.clock.advance(1_000_000)
  t.is(relayed.status, 'open')

  relayed.finish(stream)
  await node.clock.advance(30_000)
  t.deepEqual([relayed.status, direct.status], ['closed', 'open'])
})

test('at the connection limit, redundant connections without streams close immediately', async t => {
  const node = new FakeNode()
  const busy = await node.open({ to: RELAY, remotePeer: ABOVE })
  await node.open({ to: TCP, remotePeer: ABOVE })
  const relayed = await node.open({ to: RELAY, remotePeer: BELOW })
  await node.open({ to: TCP, remotePeer: BELOW })
  const stream = busy.open('/chat')
  await node.clock.advance(2_500)
  t.is(node.connections.length, 4)
  node.maxConnections = 4
  t.true(node.convergence.isBest(relayed.real))
  node.maxConnections = 5
  await node.open({ to: RELAY, remotePeer: 'n' })
  t.is(relayed.status, 'closed')
  t.is(busy.status, 'open')
  t.false(node.convergence.isBest(busy.real))
  busy.finish(stream)
  await node.clock.advance(29_999)
  t.is(busy.status, 'open')
  node.maxConnections = 4
  await node.open({ to: TCP, remotePeer: 'o' })
  await settled()
  t.is(busy.status, 'closed')
})

test('new connections at the limit do not delay closing redundant ones', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY })
  await node.open({ to: TCP })
  node.maxConnections = 3

  for (let n = 0; n < 5; n++) {
    await node.open({ to: TCP, remotePeer: `n${n}` })
    await node.clock.advance(500)
  }

  t.is(relayed.status, 'closed')
})
