import test from 'ava'
import { certifiedOnly, staggered, stock } from '../../presets/index.ts'
import { dialable, filter, fromCaller, pipeline, race, rank, sequential } from '../../src/stages/index.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, attempted, dialling, Gate, leadsTo, listening, mute } from './kit.ts'

const isWs = ({ multiaddr }: { multiaddr: { toString (): string } }): boolean => `${multiaddr}`.includes('/ws')
const wsOnly = pipeline(fromCaller(), filter('ws-only', one => isWs(one) || 'not a WebSocket'), race())
const wsFirst = pipeline(fromCaller(), dialable(), rank('ws-first', (a, b) => Number(isWs(b)) - Number(isWs(a))), sequential(), race())

test('a dial uses the pipeline that it is passed', async t => {
  const [node, a, b] = await Promise.all([dialling(t, stock()), listening(t), listening(t)])

  const own = await node.dial(a.getMultiaddrs(), { pipeline: wsFirst })
  const other = await node.dial(b.getMultiaddrs())

  leadsTo(t, own, a)
  t.is(`${own.remoteAddr}`, `${addressesOf(a, 'ws')[0]}`)
  t.is(`${other.remoteAddr}`, `${addressesOf(b)[0]}`)
})

test('dialProtocol() uses the pipeline that it is passed', async t => {
  const [node, remote] = await Promise.all([dialling(t, stock()), listening(t)])
  await remote.handle('/test/1.0.0', stream => { void stream.close() })

  const stream = await node.dialProtocol(remote.getMultiaddrs(), '/test/1.0.0', { pipeline: wsOnly })

  t.is(stream.protocol, '/test/1.0.0')
  t.deepEqual(node.getConnections(remote.peerId).map(({ remoteAddr }) => `${remoteAddr}`), addressesOf(remote, 'ws').map(String))
})

test('an address that a dial\'s own pipeline drops is not dialled for it, although a concurrent dial uses it', async t => {
  const gate = new Gate()
  const remote = await listening(t)
  const node = await dialling(t, staggered(), { connectionGater: { denyOutboundConnection: async () => gate.hold() } })

  const loose = node.dial(addressesOf(remote))
  await gate.arrival
  const strict = node.dial(addressesOf(remote), { pipeline: wsOnly })

  await t.throwsAsync(strict, { name: 'NoValidAddressesError' })
  gate.open()
  leadsTo(t, await loose, remote)
})

test('two dials with the same pipeline option join', async t => {
  const [node, remote] = await Promise.all([dialling(t, staggered()), listening(t)])

  const [a, b] = await Promise.all([1, 2].map(async () => node.dial(remote.getMultiaddrs(), { pipeline: wsOnly })))

  t.is(a, b)
  t.is(node.services.dialer.traces(remote.peerId).length, 1)
})

test('certifiedOnly() dials certified addresses only, and another pipeline the others', async t => {
  const [node, remote] = await Promise.all([dialling(t, certifiedOnly()), listening(t)])
  await node.peerStore.merge(remote.peerId, { multiaddrs: remote.getMultiaddrs() })

  await t.throwsAsync(node.dial(remote.peerId), { name: 'NoValidAddressesError' })
  await t.throwsAsync(node.dial(remote.getMultiaddrs()), { name: 'NoValidAddressesError' })
  leadsTo(t, await node.dial(remote.peerId, { pipeline: stock() }), remote)
})

test('use() applies to later dials, and not to running ones', async t => {
  const gate = new Gate()
  const [a, b] = await Promise.all([listening(t), listening(t)])
  const first = stock()
  const node = await dialling(t, first, { connectionGater: { denyOutboundConnection: async peer => peer.equals(a.peerId) ? gate.hold() : false } })
  const { dialer } = node.services
  t.is(dialer.pipeline, first)

  const running = node.dial(a.getMultiaddrs())
  await gate.arrival
  dialer.use(wsOnly)
  gate.open()

  t.is(dialer.pipeline, wsOnly)
  t.is(`${(await running).remoteAddr}`, `${addressesOf(a)[0]}`)
  t.is(`${(await node.dial(b.getMultiaddrs())).remoteAddr}`, `${addressesOf(b, 'ws')[0]}`)
})

test('use() throws for a pipeline that cannot dial, and keeps the current one', async t => {
  const first = stock()
  const { services: { dialer } } = await dialling(t, first)

  t.throws(() => { dialer.use(pipeline(fromCaller()) as any) }, { name: 'InvalidPipelineError', message: /race/ })
  t.throws(() => { dialer.use(undefined as any) }, { name: 'InvalidPipelineError' })
  t.is(dialer.pipeline, first)
})

test('explain() says what became of each address of the latest dial', async t => {
  const [node, remote, bad] = await Promise.all([dialling(t, stock().before('dialable', filter('no-ws', one => !isWs(one) || 'a WebSocket'))), listening(t), refused()])
  const failing = bad.multiaddr.encapsulate(`/p2p/${remote.peerId}`)

  await node.dial([failing, ...remote.getMultiaddrs()])
  const lines = node.services.dialer.explain(remote.peerId).split('\n')

  t.is(lines.length, 5)
  t.deepEqual(node.services.dialer.explain().split('\n'), lines)
  t.regex(lines[0] as string, /^dial 12D3\S+  3 addresses, 2 attempts, connected in \d+ ms$/)
  t.regex(lines[1] as string, /^ {2}from-caller .* 3 addresses$/)
  t.regex(lines[2] as string, new RegExp(`^  ${bad.multiaddr} .* failed: refused$`))
  t.regex(lines[3] as string, new RegExp(`^  ${addressesOf(remote)[0].decapsulate('/p2p')} .* CONNECTED$`))
  t.regex(lines[4] as string, /dropped by no-ws: a WebSocket$/)
})

test('explain() describes running, failed and unknown dials', async t => {
  const [node, hole, peer] = await Promise.all([dialling(t, staggered()), mute(t), newPeer()])
  const controller = new AbortController()
  t.is(node.services.dialer.explain(peer), `no dial of ${peer} is known`)
  t.is(node.services.dialer.explain(), 'no dial is known')
  t.throws(() => node.services.dialer.explain('12D3KooW' as any), { name: 'InvalidParametersError', message: /^explain\(\) needs a peer id, a multiaddr, a connection, an error, or nothing for the latest dial of all, not '12D3KooW'/ })

  const dial = node.dial(hole.multiaddr.encapsulate(`/p2p/${peer}`), { signal: controller.signal })
  t.is(await until(() => hole.accepted, accepted => accepted === 1), 1)
  t.regex(node.services.dialer.explain(peer), /running for \d+ ms$/m)

  controller.abort()
  await t.throwsAsync(dial, { name: 'AbortError' })
  t.regex(node.services.dialer.explain(peer), /aborted after \d+ ms\n {2}AbortError/)
  t.deepEqual(node.services.dialer.traces(peer).map(attempted), [[[`${hole.multiaddr}/p2p/${peer}`, 'cancelled']]])

  await t.throwsAsync(node.dial(peer, { pipeline: wsOnly }), { name: 'NoValidAddressesError' })
  t.regex(node.services.dialer.explain(peer), /0 addresses, 0 attempts, failed after \d+ ms\n {2}NoVal/)
})

test('the traces option limits the number of kept dials', async t => {
  const [node, ...peers] = await Promise.all([dialling(t, staggered(), { dialerInit: { traces: 2 } }), newPeer(), newPeer(), newPeer()])

  for (const peer of peers) {
    await t.throwsAsync(node.dial(peer), { name: 'NoValidAddressesError' })
  }

  t.deepEqual(node.services.dialer.traces().map(({ target }) => target.peer), peers.slice(1).map(String))
})
