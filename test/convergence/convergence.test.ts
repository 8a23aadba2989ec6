import test from 'ava'
import { settled } from '../../src/testing/virtual-clock.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { FakeNode, peer } from './fakes.ts'

const RELAY = '/ip4/192.0.2.9/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit'
const TCP = '/ip4/192.0.2.1/tcp/1'
const WS = '/ip4/192.0.2.1/tcp/2/ws'

/** This node is `m`: a remote above it, and one below */
const ABOVE = 'z'
const BELOW = 'a'

test('the better one is preferred at once, and that is told; the other is closed when it has been idle', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY })
  t.is(node.preferred(), relayed)
  t.deepEqual(node.better, [])

  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)
  t.deepEqual(node.better, [{ previous: relayed.real, preferred: direct.real, deadline: undefined }])

  await node.clock.advance(29_999)
  t.is(relayed.status, 'open')
  await node.clock.advance(1)
  t.is(relayed.status, 'closed')
  await node.clock.advance(1_000_000)
  t.is(direct.status, 'open')
  t.is(node.better.length, 1)
  t.is(node.clock.pending, 0)
})

test('nothing happens until somebody wants it', async t => {
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

test('the callback is told too, and one that fails troubles nobody', async t => {
  const told: unknown[] = []
  const node = new FakeNode({
    deadline: 60_000,
    onBetter: one => {
      told.push(one)
      throw new Error('Broken')
    }
  })
  await node.clock.advance(5)
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  t.deepEqual(told, [{ previous: relayed.real, preferred: direct.real, deadline: 60_005 }])
  relayed.open('/chat')
  await node.clock.advance(60_000)
  t.is(relayed.status, 'closed')
})

test.serial('converge() ignores an onBetter() that rejects, and a prefer() that answers a promise prefers nothing', async t => {
  const unhandled = watchUnhandled(t)
  const told = new FakeNode({ onBetter: rejects })
  await told.open({ to: RELAY })
  const direct = await told.open({ to: TCP })
  t.is(told.preferred(), direct)

  const node = new FakeNode({ prefer: rejects })
  const first = await node.open({ to: WS })
  await node.open({ to: TCP })
  t.is(node.preferred(), first)
  t.deepEqual(await unhandled(), [])
})

test('a preference that fails prefers nothing', async t => {
  const node = new FakeNode({ prefer: () => { throw new Error('Broken') } })
  const first = await node.open({ to: WS })
  await node.open({ to: TCP })
  t.is(node.preferred(), first)
})

test('of several that this node dialled it keeps the one that it prefers', async t => {
  const node = new FakeNode({ idle: 0 })
  const tcp = await node.open({ to: TCP, dial: '1', place: 0 })
  const ws = await node.open({ to: WS, dial: '1', place: 1 })
  t.is(node.preferred(), ws)
  await node.clock.advance(1_000)
  t.is(tcp.status, 'closed')
  t.is(ws.status, 'open')
})

test('what the remote has dialled is for the remote to close', async t => {
  const node = new FakeNode({ idle: 0 })
  const theirs = await node.open({ to: RELAY, direction: 'inbound' })
  const mine = await node.open({ to: TCP })
  await node.clock.advance(1_000_000)
  t.is(theirs.status, 'open')
  t.is(mine.status, 'open')
  t.is(node.preferred(), mine)
})

test('of two that differ in nothing else, the one that the lower peer id has dialled stays', async t => {
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

test('what loses the race of a dial takes no part in this', async t => {
  const node = new FakeNode()
  const won = await node.open({ to: RELAY })
  const lost = await node.open({ to: TCP, dial: 'none' })
  t.is(node.preferred(), won)
  await node.clock.advance(500)
  lost.gone()
  await node.clock.advance(100_000)
  t.deepEqual(node.better, [])
  t.is(won.status, 'open')
})

test('one that was dialled by nobody who told takes part after a second', async t => {
  const node = new FakeNode()
  const first = await node.open({ to: RELAY })
  const second = await node.open({ to: TCP, dial: 'none' })
  await node.clock.advance(999)
  t.is(node.preferred(), first)
  await node.clock.advance(1)
  t.is(node.preferred(), second)
})

test('the preferred one is lost while the other drains: that one stays', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  await node.clock.advance(4_000)
  direct.gone()
  t.is(node.preferred(), relayed)
  await node.clock.advance(1_000_000)
  t.is(relayed.status, 'open')
  t.is(node.better.length, 1)
  t.is(node.clock.pending, 0)
})

test('the preferred one is lost while it is asked for an answer: the other stays', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  direct.answer = async () => { direct.gone() }
  await node.clock.advance(1_000_000)
  t.is(direct.pings, 1)
  t.is(relayed.status, 'open')
})

test('one that is on its way out, and has not told yet, is no reason to close another', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  await node.clock.advance(4_000)
  direct.status = 'closing'
  await node.clock.advance(100_000)
  t.is(relayed.status, 'open')
  t.is(node.preferred(), relayed)
})

test('one that does not answer is no reason to close another; that its end does not know the protocol is an answer', async t => {
  const node = new FakeNode({ idle: 0 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  direct.answer = async () => { throw new Error('Gone') }
  await node.clock.advance(600_000)
  t.is(relayed.status, 'open')
  t.true(direct.pings > 2 && direct.pings < 30)
  direct.answer = async () => { throw Object.assign(new Error('na'), { name: 'UnsupportedProtocolError' }) }
  await node.clock.advance(120_000)
  t.is(relayed.status, 'closed')
})

for (const tag of ['keep-alive-circuit-relay', 'circuit-relay-source']) {
  test(`nothing to a peer with the tag ${tag} is closed: a reservation is bound to one of the connections`, async t => {
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

test('when the node stops nothing is closed any more, and nothing is left', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  relayed.open('/chat')
  await node.open({ to: TCP })
  await node.open({ to: WS, dial: 'none' })
  t.true(node.clock.pending > 0)
  node.convergence.stop()
  await settled()
  t.is(node.clock.pending, 0)
  await node.clock.advance(1_000_000)
  t.is(node.connections.length, 3)
  t.is(node.events.listenerCount('connection:open'), 0)
  t.is(node.events.listenerCount('connection:close'), 0)
})

test('100 peers, two connections each, of which now one is faster and now the other', async t => {
  const node = new FakeNode()
  const names = Array.from({ length: 100 }, (_, n) => `peer-${n}`)

  // streams hold them: none is closed
  for (const remotePeer of names) {
    for (const to of ['/ip4/192.0.2.1/tcp/1', '/ip6/2001:db8::1/tcp/1']) {
      const connection = await node.open({ to, remotePeer, rtt: 50 })
      connection.open('/chat')
    }
  }

  // as often as they are measured: noise, of which each peer has its own
  for (let second = 0; second < 600; second += 10) {
    node.connections.forEach((connection, n) => { connection.rtt = 20 + (second / 10 * 37 + n * 53) % 60 })
    await node.clock.advance(10_000)
  }

  const noise = node.better.length
  t.true(noise <= 100, `${noise} switches in ten minutes`)

  // a minute each: what lasts longer than the half minute is believed
  for (let minute = 0; minute < 10; minute++) {
    node.connections.forEach((connection, n) => { connection.rtt = n % 2 === minute % 2 ? 20 : 80 })
    await node.clock.advance(60_000)
  }

  t.true(node.better.length - noise <= 100 * 10)
  t.log(`${noise} switches of 100 peers in ten minutes of noise, ${node.better.length - noise} in ten in which the faster one changed every minute`)
  names.forEach(name => { t.not(node.convergence.preferred(peer(name)), undefined) })
  node.convergence.stop()
  await settled()
  t.is(node.clock.pending, 0)
})
