import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { rejects, watchUnhandled } from '../helpers/unhandled.ts'
import { FakeNode, peer } from './fakes.ts'

const RELAY = '/ip4/192.0.2.9/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit'
const TCP = '/ip4/192.0.2.1/tcp/1'
const WS = '/ip4/192.0.2.1/tcp/2/ws'

/** Ids of remotes that sort after and before this node's id, `m` */
const ABOVE = 'z'
const BELOW = 'a'

test('the better connection is preferred immediately with an event, and the other is closed after the idle time', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY })
  t.is(node.preferred(), relayed)
  t.deepEqual(node.changes, [])

  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)
  t.deepEqual(node.changes, [{ peerId: direct.remotePeer, connection: direct.real, previous: relayed.real, deadline: undefined }])

  await node.clock.advance(29_999)
  t.is(relayed.status, 'open')
  await node.clock.advance(1)
  t.is(relayed.status, 'closed')
  await node.clock.advance(1_000_000)
  t.is(direct.status, 'open')
  t.is(node.changes.length, 1)
  t.is(node.clock.pending, 0)
})

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

test('onPreferredChange() is called with each change, and its error changes nothing', async t => {
  const told: unknown[] = []
  const node = new FakeNode({
    deadline: 60_000,
    onPreferredChange: one => {
      told.push(one)
      throw new Error('Broken')
    }
  })
  await node.clock.advance(5)
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  t.deepEqual(told, [{ peerId: direct.remotePeer, connection: direct.real, previous: relayed.real, deadline: 60_005 }])
  relayed.open('/chat')
  await node.clock.advance(60_000)
  t.is(relayed.status, 'closed')
})

test.serial('an onPreferredChange() that rejects causes no unhandled rejection', async t => {
  const unhandled = watchUnhandled(t)
  const node = new FakeNode({ onPreferredChange: rejects })
  await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)
  t.deepEqual(await unhandled(), [])
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

test('turning convergence off ends running drains', async t => {
  const node = new FakeNode({ idle: 5_000 })
  await node.open({ to: RELAY })
  await node.open({ to: TCP })
  await node.clock.advance(4_000)
  node.convergence.isOn = false
  await node.clock.advance(1_000_000)
  t.is(node.connections.length, 2)
  t.is(node.clock.pending, 0)
})

test('the transport of a direct connection is ignored without an order', async t => {
  const plain = new FakeNode()
  const first = await plain.open({ to: WS })
  await plain.open({ to: TCP })
  t.is(plain.preferred(), first)

  const ordered = new FakeNode({ order: ['tcp'] })
  await ordered.open({ to: WS })
  const tcp = await ordered.open({ to: TCP })
  t.is(ordered.preferred(), tcp)
})

test('an address is better when it leads to a less limited connection, or to an earlier transport of the order', async t => {
  const at = (to: string) => candidate(multiaddr(to))
  const plain = new FakeNode()
  const relayed = await plain.open({ to: RELAY })
  const limited = await plain.open({ to: RELAY, isLimited: true })
  const ws = await plain.open({ to: WS })
  const answers = (node: FakeNode, to: string): boolean[] => [relayed, limited, ws].map(({ real }) => node.convergence.isBetter(at(to), real))

  t.deepEqual(answers(plain, RELAY), [false, false, false])
  t.deepEqual(answers(plain, TCP), [true, true, false])
  t.deepEqual(answers(plain, `${RELAY}/webrtc`), [true, true, false])
  t.deepEqual(answers(new FakeNode({ order: ['tcp'] }), TCP), [true, true, true])
  t.deepEqual(answers(new FakeNode({ order: ['ws', 'tcp'] }), TCP), [true, true, false])
})

test('the best connection is direct and unlimited, over the first transport of the order', async t => {
  const node = new FakeNode()
  const [relayed, ws, tcp] = [await node.open({ to: RELAY }), await node.open({ to: WS }), await node.open({ to: TCP })]
  const answers = (one: FakeNode): boolean[] => [relayed, ws, tcp].map(({ real }) => one.convergence.isBest(real))

  t.deepEqual(answers(node), [false, true, true])
  t.deepEqual(answers(new FakeNode({ order: ['tcp'] })), [false, false, true])
  t.deepEqual(answers(new FakeNode(false)), [true, true, true])
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
  const quic = await node.open({ to: '/ip4/192.0.2.1/udp/1/quic-v1', direction: 'inbound' })
  t.is(node.preferred(), quic)
  t.deepEqual(node.changes.map(({ deadline }) => deadline), [70_000])
  await node.clock.advance(9_999)
  t.is(ws.status, 'open')
  await node.clock.advance(1)
  t.is(ws.status, 'closed')
})

test('preferred() skips a connection that is closing and has sent no event yet', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, isLimited: true })
  const direct = await node.open({ to: TCP })
  t.is(node.preferred(), direct)

  direct.status = 'closing'
  t.is(node.preferred(), relayed)
})

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

test('a connection that lost its race is neither preferred nor a reason to close another', async t => {
  const node = new FakeNode()
  const won = await node.open({ to: RELAY })
  const lost = await node.open({ to: TCP, isOfDial: false })
  t.is(node.preferred(), won)
  await node.clock.advance(500)
  lost.gone()
  await node.clock.advance(100_000)
  t.deepEqual(node.changes, [])
  t.is(won.status, 'open')
})

for (const direction of ['inbound', 'outbound'] as const) {
  test(`an ${direction} connection is ignored while its verification runs`, async t => {
    const node = new FakeNode({ order: ['tcp'], idle: 0 })
    const first = await node.open({ to: WS })
    const second = await node.open({ to: TCP, direction, isOfDial: false, isUndecided: true })
    await node.clock.advance(60_000)
    t.is(node.preferred(), first)
    t.deepEqual(node.changes, [])
    t.is(node.connections.length, 2)

    node.undecided.clear()
    node.convergence.accepted(second.real)
    t.is(node.preferred(), second)
    await node.clock.advance(2_000)
    t.is(first.status, 'closed')
    t.is(node.changes.length, 1)
  })

  test(`an ${direction} connection is considered within a second when its verification ends without a report`, async t => {
    const node = new FakeNode()
    await node.open({ to: RELAY })
    const second = await node.open({ to: TCP, direction, isOfDial: false, isUndecided: true })
    await node.clock.advance(2_500)
    node.undecided.clear()
    await node.clock.advance(500)
    t.is(node.preferred(), second)
  })
}

test('a connection that no dial reported is considered after a second', async t => {
  const node = new FakeNode()
  const first = await node.open({ to: RELAY })
  const second = await node.open({ to: TCP, isOfDial: false })
  await node.clock.advance(999)
  t.is(node.preferred(), first)
  await node.clock.advance(1)
  t.is(node.preferred(), second)
})

test('when the preferred connection is lost while another drains, the other is kept', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  await node.clock.advance(4_000)
  direct.gone()
  t.is(node.preferred(), relayed)
  await node.clock.advance(1_000_000)
  t.is(relayed.status, 'open')
  t.is(node.changes.length, 1)
  t.is(node.clock.pending, 0)
})

test('when the preferred connection is lost during the check before a close, the other is kept', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  direct.answer = async () => { direct.gone() }
  await node.clock.advance(1_000_000)
  t.is(direct.checks, 1)
  t.is(relayed.status, 'open')
})

test('a closing preferred connection is no reason to close another', async t => {
  const node = new FakeNode({ idle: 5_000 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  await node.clock.advance(4_000)
  direct.status = 'closing'
  await node.clock.advance(100_000)
  t.is(relayed.status, 'open')
  t.is(node.preferred(), relayed)
})

test('a preferred connection that fails its check is no reason to close another, and an unsupported protocol counts as an answer', async t => {
  const node = new FakeNode({ idle: 0 })
  const relayed = await node.open({ to: RELAY })
  const direct = await node.open({ to: TCP })
  direct.answer = async () => { throw new Error('Gone') }
  await node.clock.advance(600_000)
  t.is(relayed.status, 'open')
  t.true(direct.checks > 2 && direct.checks < 30)
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

test('100 peers with two connections each switch at most 100 times in ten minutes of noisy round trips', async t => {
  const node = new FakeNode()
  const names = Array.from({ length: 100 }, (_, n) => `peer-${n}`)

  // streams keep the connections from being closed
  for (const remotePeer of names) {
    for (const to of ['/ip4/192.0.2.1/tcp/1', '/ip6/2001:db8::1/tcp/1']) {
      const connection = await node.open({ to, remotePeer, rtt: 50 })
      connection.open('/chat')
    }
  }

  // noise at each measurement, different for each peer
  for (let second = 0; second < 600; second += 10) {
    node.connections.forEach((connection, n) => { connection.rtt = 20 + (second / 10 * 37 + n * 53) % 60 })
    await node.clock.advance(10_000)
  }

  const noise = node.changes.length
  t.true(noise <= 100, `${noise} switches in ten minutes`)

  // a change that lasts longer than 30 seconds counts
  for (let minute = 0; minute < 10; minute++) {
    node.connections.forEach((connection, n) => { connection.rtt = n % 2 === minute % 2 ? 20 : 80 })
    await node.clock.advance(60_000)
  }

  t.true(node.changes.length - noise <= 100 * 10)
  t.log(`${noise} switches of 100 peers in ten minutes of noise, ${node.changes.length - noise} in ten in which the faster one changed every minute`)
  names.forEach(name => { t.not(node.convergence.preferred(peer(name)), undefined) })
  node.convergence.stop()
  await settled()
  t.is(node.clock.pending, 0)
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

test('release() and isReplaced() return false while convergence is off', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, direction: 'inbound' })
  await node.open({ to: TCP })
  node.convergence.isOn = false
  t.false(node.convergence.release(relayed.real))
  t.false(node.convergence.isReplaced(relayed.real))
})

test('an unreported connection open for 5 s is the previous one in the event of a better connection', async t => {
  const node = new FakeNode()
  const relayed = await node.open({ to: RELAY, isOfDial: false })
  await node.clock.advance(5_000)
  const direct = await node.open({ to: TCP })
  t.deepEqual(node.changes.map(({ connection, previous }) => [connection, previous]), [[direct.real, relayed.real]])
})
