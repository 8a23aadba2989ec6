import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import * as presets from '../../presets/index.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { delayed } from '../helpers/delayed.ts'
import { dialling, leadsTo, listening, mute } from './kit.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { PrivateKey } from '@libp2p/interface'

const make: Record<string, () => DialPipeline> = { ...presets, fromConnectionManagerInit: () => presets.fromConnectionManagerInit({}) }
const LISTEN = Array.from({ length: 8 }, () => '/ip4/127.0.0.1/tcp/0')

/** libp2p's own: a listener resets the sixth connection of a host in a second, and the eleventh that is set up at the same time */
const DEFAULTS = { inboundConnectionThreshold: 5, maxIncomingPendingConnections: 10 }

for (const [name, preset] of Object.entries(make)) {
  test(`${name} connects to one listener at eight addresses, with the default limits of that, and leaves one connection`, async t => {
    const remote = await listening(t, { listen: LISTEN, connectionManager: DEFAULTS })
    const node = await dialling(t, preset(), { connectionManager: DEFAULTS })
    // certifiedOnly() dials no others
    const peerRecordEnvelope = await sealRecord((remote as unknown as { components: { privateKey: PrivateKey } }).components.privateKey, { multiaddrs: remote.getMultiaddrs() })
    await node.peerStore.merge(remote.peerId, { addresses: remote.getMultiaddrs().map(multiaddr => ({ multiaddr, isCertified: true })), peerRecordEnvelope })

    if (name === 'publicOnly') {
      await t.throwsAsync(node.dial(remote.peerId), { message: /8 dropped by public-addresses: a loopback address/ })
      return
    }

    leadsTo(t, await node.dial(remote.peerId), remote)
    t.is(node.getConnections(remote.peerId).filter(({ status }) => status === 'open').length, 1)
  })
}

test('adaptive connects to a listener with the default limits beside seven addresses that are silent', async t => {
  const remote = await listening(t, { listen: LISTEN.slice(0, 1), connectionManager: DEFAULTS })
  const node = await dialling(t, presets.adaptive(), { connectionManager: DEFAULTS })
  const silent = await Promise.all(Array.from({ length: 7 }, async () => (await mute(t)).multiaddr))

  leadsTo(t, await node.dial([...silent, ...remote.getMultiaddrs()].map(one => one.decapsulateCode(CODE_P2P).encapsulate(`/p2p/${remote.peerId.toString()}`))), remote)
})

for (const name of ['adaptive', 'goLike', 'staggered'] as const) {
  test(`three nodes of one host connect over ${name} to a listener with the default limits, at four addresses of one host and over a slow way`, async t => {
    const remote = await listening(t, { listen: LISTEN.slice(0, 4), connectionManager: DEFAULTS })
    const ways = await Promise.all(remote.getMultiaddrs().map(async multiaddr => delayed(Number(multiaddr.getComponents().find(({ name }) => name === 'tcp')?.value), 60)))
    t.teardown(async () => { await Promise.all(ways.map(async ({ close }) => close())) })
    // by name: a port of 127.0.0.1 has half of the time to answer, and a busy process may need more
    const addresses = ways.map(({ port }) => multiaddr(`/dns4/localhost/tcp/${port}/p2p/${remote.peerId}`))
    const nodes = await Promise.all(Array.from({ length: 3 }, async () => dialling(t, make[name]?.() as DialPipeline)))

    for (const connection of await Promise.all(nodes.map(async node => node.dial(addresses)))) {
      leadsTo(t, connection, remote)
    }

    t.is(ways.reduce((sum, { accepted }) => sum + accepted, 0), 3)
  })
}
