import { quic } from '@chainsafe/libp2p-quic'
import test from 'ava'
import { quicFirst, staggered, stock } from '../../presets/index.ts'
import { attemptTimeout, race, stagger } from '../../src/stages/index.ts'
import { until } from '../../test/helpers/until.ts'
import { attempted, Gate, leadsTo, listening, mute } from '../../test/libp2p/kit.ts'
import { over, quicDialling, quicListening } from './kit.ts'
import { detour, hole } from './udp.ts'
import type { DialTrace } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'

/** Milliseconds within which a dial has to end although an address is silent. QUIC itself gives up after ten seconds */
const SOON = 2_000

for (const [name, preset] of [['stock', stock], ['staggered', staggered], ['quicFirst', quicFirst]] as const) {
  test(`${name} dials an address, and a peer id`, async t => {
    const [node, a, b] = await Promise.all([quicDialling(t, preset()), quicListening(t), quicListening(t)])
    const [address] = over(a, 'quic-v1')

    const connection = await node.dial(address)
    leadsTo(t, connection, a)
    t.is(`${connection.remoteAddr}`, `${address}`)

    await node.peerStore.merge(b.peerId, { multiaddrs: over(b, 'quic-v1') })
    leadsTo(t, await node.dial(b.peerId), b)
  })
}

test('quicFirst() dials QUIC before TCP', async t => {
  const [node, remote] = await Promise.all([quicDialling(t, quicFirst()), quicListening(t)])

  const connection = await node.dial([...over(remote, 'tcp'), ...over(remote, 'quic-v1')])

  t.is(`${connection.remoteAddr}`, `${over(remote, 'quic-v1')[0]}`)
})

test('a silent TCP address loses to QUIC, and its socket is closed', async t => {
  const [node, remote, silent] = await Promise.all([quicDialling(t, staggered()), quicListening(t), mute(t)])

  const connection = await node.dial([silent.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...over(remote, 'quic-v1')])

  t.is(`${connection.remoteAddr}`, `${over(remote, 'quic-v1')[0]}`)
  t.is(silent.accepted, 1)
  t.is(await until(() => silent.open, open => open === 0), 0)
})

test('one connection stays when QUIC and TCP connect at the same moment', async t => {
  const gate = new Gate()
  let upgraded = 0
  const [node, remote] = await Promise.all([
    quicDialling(t, staggered().replace('stagger', stagger(10)), {
      connectionGater: {
        denyOutboundUpgradedConnection: async () => {
          if (++upgraded === 2) gate.open()
          return gate.hold()
        }
      }
    }),
    quicListening(t)
  ])

  const connection = await node.dial(remote.getMultiaddrs())

  leadsTo(t, connection, remote)
  t.is(upgraded, 2)
  t.deepEqual(await until(() => node.getConnections(), ({ length }) => length === 1), [connection])
  t.is(await until(() => remote.getConnections().length, count => count === 1), 1)
  t.is(connection.status, 'open')
})

test('a silent QUIC address does not delay the dial', async t => {
  const [node, remote, bad] = await Promise.all([quicDialling(t, staggered()), quicListening(t), hole(t)])
  const [good] = over(remote, 'quic-v1')
  const list = [bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), good]
  const begun = performance.now()

  const connection = await node.dial(list)

  t.true(performance.now() - begun < SOON)
  t.is(`${connection.remoteAddr}`, `${good}`)
  const [trace] = node.services.dialer.traces(remote.peerId) as [DialTrace]
  t.deepEqual(await until(() => attempted(trace), ([first]) => first?.[1] != null), [[`${list[0]}`, 'cancelled'], [`${good}`, 'connected']])
})

test('a silent QUIC address delays libp2p\'s own dialer', async t => {
  const [node, remote, bad] = await Promise.all([
    listening(t, { listen: [], transports: [quic()], connectionManager: { addressDialTimeout: 200, dialTimeout: 1_000 } }),
    quicListening(t),
    hole(t)
  ])

  await t.throwsAsync(node.dial([bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...over(remote, 'quic-v1')]), { name: 'TimeoutError' })
})

test('a sequential dial tries the next address when the silent one has timed out', async t => {
  const [node, remote, bad] = await Promise.all([quicDialling(t, stock().replace('race', race({ attempt: [attemptTimeout(200)] }))), quicListening(t), hole(t)])
  const begun = performance.now()

  leadsTo(t, await node.dial([bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...over(remote, 'quic-v1')]), remote)
  t.true(performance.now() - begun < SOON)
})

test('a dial of silent addresses ends when they have timed out', async t => {
  const [node, ...bad] = await Promise.all([quicDialling(t, staggered().replace('race', race({ attempt: [attemptTimeout(200)] }))), hole(t), hole(t)])
  const begun = performance.now()

  const error = await t.throwsAsync<AggregateError>(node.dial(bad.map(({ multiaddr }) => multiaddr)), { instanceOf: AggregateError })

  t.deepEqual(error.errors.map(({ name }) => name), ['TimeoutError', 'TimeoutError'])
  t.true(performance.now() - begun < SOON)
})

test('a losing attempt that connects late is closed', async t => {
  const [node, remote] = await Promise.all([quicDialling(t, staggered()), quicListening(t)])
  const late = await detour(t, over(remote, 'quic-v1')[0])
  const heard = connections(remote)

  const connection = await node.dial([late.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...over(remote, 'quic-v1')])
  await late.arrival
  t.is(await until(() => heard.opened, opened => opened === 1), 1)
  late.open()

  t.is(await until(() => heard.opened, opened => opened === 2, 5_000), 2)
  t.is(await until(() => remote.getConnections().length, count => count === 1), 1)
  t.deepEqual(node.getConnections(), [connection])
  t.is(connection.status, 'open')
})

test('an aborted caller is rejected at once, and a connection that completes later is closed', async t => {
  const [node, remote] = await Promise.all([quicDialling(t, staggered()), quicListening(t)])
  const late = await detour(t, over(remote, 'quic-v1')[0])
  const heard = connections(remote)
  const controller = new AbortController()

  const dial = node.dial(late.multiaddr.encapsulate(`/p2p/${remote.peerId}`), { signal: controller.signal })
  await late.arrival
  controller.abort()

  t.is(await t.throwsAsync(dial), controller.signal.reason)
  t.deepEqual(node.getDialQueue(), [])
  late.open()

  t.is(await until(() => heard.opened, opened => opened === 1, 5_000), 1)
  t.deepEqual(await until(() => remote.getConnections(), ({ length }) => length === 0), [])
  t.deepEqual(node.getConnections(), [])
})

test('stop() does not wait for a silent address', async t => {
  const [node, bad] = await Promise.all([quicDialling(t, staggered()), hole(t)])
  const dial = t.throwsAsync(node.dial(bad.multiaddr, { signal: new AbortController().signal }), { name: 'AbortError' })
  await bad.arrival
  const begun = performance.now()

  await node.stop()
  await dial

  t.true(performance.now() - begun < SOON)
})

/** Counts the connections that a node has opened */
function connections (node: Libp2p): { opened: number } {
  const count = { opened: 0 }
  node.addEventListener('connection:open', () => { count.opened++ })

  return count
}
