import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import * as presets from '../../presets/index.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { delayed } from '../helpers/delayed.ts'
import { fastClock } from '../helpers/fast-clock.ts'
import { dialling, leadsTo, listening, mute } from './kit.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { Delayed } from '../helpers/delayed.ts'
import type { Connection, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

const make: Record<string, () => DialPipeline> = { ...presets, fromConnectionManagerInit: () => presets.fromConnectionManagerInit({}) }
const LISTEN = Array.from({ length: 8 }, () => '/ip4/127.0.0.1/tcp/0')

/** Defaults of libp2p: a listener resets a host's sixth connection within a second, and the eleventh pending one */
const DEFAULTS = { inboundConnectionThreshold: 5, maxIncomingPendingConnections: 10 }

for (const [name, preset] of Object.entries(make)) {
  test(`${name} connects to a listener at eight addresses with libp2p's default limits, and leaves one connection`, async t => {
    const remote = await listening(t, { listen: LISTEN, connectionManager: DEFAULTS })
    const node = await dialling(t, preset(), { connectionManager: DEFAULTS, dialerInit: { clock: fastClock(0.1) } })
    // certifiedOnly() dials signed addresses only
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

/** A slow proxy to an address. It closes before the nodes created earlier stop, because they would wait for its data */
async function wayTo (t: ExecutionContext, address: Multiaddr | undefined, clock: VirtualClock): Promise<Delayed> {
  const way = await delayed(Number(address?.getComponents().find(({ name }) => name === 'tcp')?.value), 60, clock)
  t.teardown(way.close)

  return way
}

/** Advances the clock only while each remaining dial has data in its proxy, so that a busy process takes no virtual time */
async function overWays (dials: Array<Promise<Connection>>, ways: readonly Delayed[], clock: VirtualClock): Promise<Connection[]> {
  let left = dials.length
  const settle = (): void => { left-- }
  dials.forEach(dial => { dial.then(settle, settle) })

  while (left > 0) {
    await (sum(ways.map(({ busy }) => busy)) < left ? sleep(1) : clock.advance(5))
  }

  return Promise.all(dials)
}

function sum (numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

test('adaptive connects to a listener with default limits beside seven silent addresses', async t => {
  const clock = new VirtualClock()
  const remote = await listening(t, { listen: LISTEN.slice(0, 1), connectionManager: DEFAULTS })
  const node = await dialling(t, presets.adaptive(), { connectionManager: DEFAULTS, dialerInit: { clock } })
  const silent = await Promise.all(Array.from({ length: 7 }, async () => (await mute(t)).port))
  const way = await wayTo(t, remote.getMultiaddrs()[0], clock)
  const dial = node.dial([...silent, way.port].map(port => multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${remote.peerId}`)))

  // the addresses that are dialled before it are silent
  for (let turn = 0; way.accepted === 0 && turn < 2_000; turn++) {
    await clock.advance(5)
    await sleep(1)
  }

  leadsTo(t, (await overWays([dial], [way], clock))[0] as Connection, remote)
})

for (const name of ['adaptive', 'goLike', 'staggered'] as const) {
  test(`five nodes on one host connect by ${name} to a listener with default limits over a slow network`, async t => {
    const clock = new VirtualClock()
    const remote = await listening(t, { listen: LISTEN.slice(0, 4), connectionManager: DEFAULTS })
    const nodes = await Promise.all(Array.from({ length: 5 }, async () => dialling(t, make[name]?.() as DialPipeline, { dialerInit: { clock } })))
    const ways = await Promise.all(remote.getMultiaddrs().map(async multiaddr => wayTo(t, multiaddr, clock)))
    const addresses = ways.map(({ port }) => multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${remote.peerId}`))

    for (const connection of await overWays(nodes.map(async node => node.dial(addresses)), ways, clock)) {
      leadsTo(t, connection, remote)
    }

    t.is(sum(ways.map(({ accepted }) => accepted)), 5)
  })
}
