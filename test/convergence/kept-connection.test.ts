import test from 'ava'
import { ABOVE, BELOW, FakeNode, RELAY, TCP, WS } from './fakes.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { FakeConnection } from './fakes.ts'

test('a node with two connections that it dialled keeps the preferred one', async t => {
  const node = new FakeNode({ idle: 0, order: ['ws'] })
  const tcp = await node.open({ to: TCP })
  const ws = await node.open({ to: WS })
  t.is(node.preferred(), ws)
  await node.clock.advance(1_000)
  t.is(tcp.status, 'closed')
  t.is(ws.status, 'open')
})

test('a node does not close a connection that the remote dialled', async t => {
  const node = new FakeNode({ idle: 0 })
  const theirs = await node.open({ to: RELAY, direction: 'inbound' })
  const mine = await node.open({ to: TCP })
  await node.clock.advance(1_000_000)
  t.is(theirs.status, 'open')
  t.is(mine.status, 'open')
  t.is(node.preferred(), mine)
})

test('the connection dialled by the lower peer id is kept when two are equal', async t => {
  const node = new FakeNode({ idle: 0 })
  const toAbove = await node.open({ remotePeer: ABOVE })
  await node.open({ remotePeer: ABOVE, direction: 'inbound' })
  const toBelow = await node.open({ remotePeer: BELOW })
  const fromBelow = await node.open({ remotePeer: BELOW, direction: 'inbound' })
  t.is(node.preferred(ABOVE), toAbove)
  t.is(node.preferred(BELOW), fromBelow)
  await node.clock.advance(1_999)
  t.is(toBelow.status, 'open', 'the higher one takes twice as long')
  await node.clock.advance(1)
  t.is(toBelow.status, 'closed')
  t.is(toAbove.status, 'open')
})

for (const [when, lose] of [
  ['while another drains', async (direct, clock) => {
    await clock.advance(4_000)
    direct.gone()
  }],
  ['during its check before another is closed', direct => { direct.answer = async () => { direct.gone() } }],
  ['by a close that has not ended', direct => { direct.status = 'closing' }]
] as Array<[string, (direct: FakeConnection, clock: VirtualClock) => Promise<void> | void]>) {
  test(`the other connection is kept when the preferred one is lost ${when}`, async t => {
    const node = new FakeNode({ idle: 5_000 })
    const relayed = await node.open({ to: RELAY })
    const direct = await node.open({ to: TCP })
    await lose(direct, node.clock)
    await node.clock.advance(1_000_000)
    t.not(direct.status, 'open')
    t.is(relayed.status, 'open')
    t.is(node.preferred(), relayed)
    t.is(node.changes.length, 1)
    t.is(node.clock.pending, 0)
  })
}

test('a preferred connection that fails its check is no reason to close another, and an unsupported protocol counts as an answer', async t => {
  const node = new FakeNode({ idle: 0 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  direct.answer = async () => { throw new Error('Gone') }
  await node.clock.advance(600_000)
  t.is(relayed.status, 'open')
  t.true(direct.checks > 2 && direct.checks < 30, `${direct.checks} checks`)
  direct.answer = async () => { throw Object.assign(new Error('na'), { name: 'UnsupportedProtocolError' }) }
  await node.clock.advance(120_000)
  t.is(relayed.status, 'closed')
})

for (const tag of ['keep-alive-circuit-relay', 'circuit-relay-source']) {
  test(`connections to a peer tagged ${tag} are not closed`, async t => {
    const node = new FakeNode({ idle: 0 })
    node.tags = [tag]
    await node.open({ to: WS })
    await node.open({ to: TCP })
    await node.clock.advance(200_000)
    t.is(node.connections.length, 2)
    node.tags = ['keep-alive']
    await node.clock.advance(60_000)
    t.is(node.connections.length, 1)
  })
}

test('connections to a peer are not closed while the peer store fails: one of them may hold a relay reservation', async t => {
  const node = new FakeNode({ idle: 0 })
  node.storeError = new Error('disk is full')
  await node.open({ to: WS })
  await node.open({ to: TCP })
  await node.clock.advance(200_000)
  t.is(node.connections.length, 2)
  node.storeError = undefined
  await node.clock.advance(60_000)
  t.is(node.connections.length, 1)
})
