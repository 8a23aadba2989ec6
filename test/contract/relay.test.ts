// dials through a relay
import { multiaddr } from '@multiformats/multiaddr'
import { fallback, filter, fromCaller, pipeline, race } from '../../src/stages/index.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { leadsTo, mute } from '../libp2p/kit.ts'
import { contract, rejection } from './contract.ts'
import { heard } from './heard.ts'
import { behind, relay, through } from './through.ts'

contract('a relayed dial dials the relay first, and reports the events of both', async (t, { node }) => {
  const [dialler, { relay: hop, listener, multiaddr }] = await Promise.all([through(node), relay(t)])
  const progress = heard()

  const connection = await dialler.dial(multiaddr, progress.options)

  leadsTo(t, connection, listener)
  t.is(`${connection.remoteAddr}`, `${multiaddr}`)
  t.deepEqual([hop, listener].map(({ peerId }) => dialler.getConnections(peerId).length), [1, 1])
  t.deepEqual(progress.types.filter(type => !type.startsWith('upgrader:')), [
    'connection:open',
    'dial-queue:add-to-dial-queue',
    'dial-queue:start-dial',
    'dial-queue:calculated-addresses',
    'transport-manager:selected-transport',
    'circuit-relay:open-connection',
    'connection:open',
    'dial-queue:add-to-dial-queue',
    'dial-queue:start-dial',
    'dial-queue:calculated-addresses',
    'transport-manager:selected-transport',
    'tcp:open-connection',
    'connection:opened',
    'circuit-relay:open-hop-stream',
    'connection:open-stream',
    'connection:opened-stream',
    'circuit-relay:write-connect-message',
    'circuit-relay:read-connect-response',
    'connection:opened'
  ])
})

contract('a relayed dial connects if a first pipeline drops all addresses of the relay', async (t, { node }) => {
  const strict = pipeline(filter('strict', ({ facts }) => facts.isRelayed), race())
  const [dialler, { listener, multiaddr }] = await Promise.all([through(node, { pipeline: pipeline(fromCaller(), fallback(strict, race())) }), relay(t)])

  leadsTo(t, await dialler.dial(multiaddr), listener)
})

contract('a relayed dial reuses an open connection to the relay', async (t, { node }) => {
  const [dialler, { relay: hop, listener, multiaddr }] = await Promise.all([through(node), relay(t)])
  const [first] = [await dialler.dial(hop.getMultiaddrs())]
  const progress = heard()

  leadsTo(t, await dialler.dial(multiaddr, progress.options), listener)
  t.true(progress.types.includes('circuit-relay:reuse-connection'))
  t.deepEqual(dialler.getConnections(hop.peerId).map(({ id }) => id), [first.id])
})

contract('an open limited connection is dialled again, and the dial resolves with the open one', async (t, { node }) => {
  const [dialler, { listener, multiaddr }] = await Promise.all([through(node), relay(t)])
  const first = await dialler.dial(multiaddr)
  t.truthy(first.limits)
  const progress = heard()

  t.is((await dialler.dial(multiaddr, progress.options)).id, first.id)
  t.true(progress.types.includes('dial-queue:start-dial'))
  t.deepEqual(dialler.getConnections(listener.peerId).map(({ id }) => id), [first.id])
})

contract('an open limited connection does not answer a dial that can connect directly', async (t, { node }) => {
  const [dialler, { relay: hop }] = await Promise.all([through(node), relay(t)])
  const { listener, relayed, direct } = await behind(t, hop)
  const limited = await dialler.dial(relayed)

  const connection = await dialler.dial(direct)

  t.true(connection.direct)
  t.is(connection.limits, undefined)
  t.is(limited.status, 'open')
  t.is((await dialler.dial(listener.peerId)).id, connection.id)
  t.is((await dialler.dial(relayed)).id, connection.id)
})

contract('an unlimited relayed connection answers a dial of the peer id or a relayed address, not of a direct address', async (t, { node }) => {
  const [dialler, { relay: hop }] = await Promise.all([through(node), relay(t, false)])
  const { listener, relayed, direct } = await behind(t, hop)
  const first = await dialler.dial(relayed)
  t.is(first.limits, undefined)

  for (const target of [listener.peerId, relayed, [relayed], multiaddr(`/p2p/${listener.peerId}`)]) {
    t.is((await dialler.dial(target)).id, first.id)
  }

  const connection = await dialler.dial([relayed, direct])

  t.true(connection.direct)
  t.not(connection.id, first.id)
  t.is(first.status, 'open')
  t.is((await dialler.dial(listener.peerId)).id, connection.id, 'the direct one first')
})

contract('aborting a relayed dial aborts the dial of the relay', async (t, { node }) => {
  const [dialler, hole, hop, target] = await Promise.all([through(node), mute(t), newPeer(), newPeer()])
  const controller = new AbortController()
  const dial = rejection(dialler.dial(hole.multiaddr.encapsulate(`/p2p/${hop}/p2p-circuit/p2p/${target}`), { signal: controller.signal }))
  await until(() => hole.accepted, accepted => accepted === 1)
  t.deepEqual(dialler.getDialQueue().map(({ status, peerId }) => `${status} ${peerId}`), [`active ${target}`, `active ${hop}`])

  controller.abort()

  t.is((await dial).name, 'AbortError')
  t.deepEqual(await until(() => dialler.getDialQueue(), ({ length }) => length === 0), [])
  t.is(await until(() => hole.open, open => open === 0), 0)
})

contract('a relayed dial shares a running dial of the relay', async (t, { node }) => {
  const [dialler, { relay: hop, listener, multiaddr }] = await Promise.all([through(node), relay(t)])

  const [direct, relayed] = await Promise.all([dialler.dial(hop.getMultiaddrs()), dialler.dial(multiaddr)])

  leadsTo(t, direct, hop)
  leadsTo(t, relayed, listener)
  t.is(dialler.getConnections(hop.peerId).length, 1)
})

contract('a node that listens on a relay dials the relay itself', async (t, { node }) => {
  const { relay: hop } = await relay(t)
  const dialler = await through(node, { listen: hop.getMultiaddrs().map(address => `${address}/p2p-circuit`) })

  const [address] = await until(() => dialler.getMultiaddrs(), ({ length }) => length === 1)

  t.is(`${address}`, `${hop.getMultiaddrs()[0]}/p2p-circuit/p2p/${dialler.peerId}`)
  t.is(dialler.getConnections(hop.peerId).length, 1)
})

contract('stream limits of a caller do not apply to the stream to the relay', async (t, { node }) => {
  const [dialler, { relay: hop }] = await Promise.all([through(node), relay(t)])
  const listeners = await Promise.all([behind(t, hop), behind(t, hop)])

  for (const { listener, relayed } of listeners) {
    await listener.handle('/test/1.0.0', stream => { void stream.close() }, { runOnLimitedConnection: true })

    // each dial opens a stream to the relay, for the lifetime of the relayed connection
    const stream = await dialler.dialProtocol(relayed, '/test/1.0.0', { runOnLimitedConnection: true, maxOutboundStreams: 1, negotiateFully: true })

    t.is(stream.protocol, '/test/1.0.0')
  }
})
