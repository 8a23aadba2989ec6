import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { fromBootstrap } from '../../src/stages/index.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, leadsTo, listening, mute } from './kit.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

async function remotes (t: ExecutionContext, count: number): Promise<Libp2p[]> {
  return Promise.all(Array.from({ length: count }, async () => listening(t, { listen: LOOPBACK })))
}

const peersOf = (nodes: ReadonlyArray<{ remotePeer?: unknown, peerId?: unknown }>): string[] => nodes.map(({ remotePeer, peerId }) => String(remotePeer ?? peerId)).toSorted()

test('bootstrap() connects to the live one of three peers', async t => {
  const [node, [remote], dead, silent] = await Promise.all([dialling(t, staggered(), { connectionManager: { dialTimeout: 500 } }), remotes(t, 1), refused(), mute(t)])
  const list = [`${dead.multiaddr}/p2p/${await newPeer()}`, `${silent.multiaddr}/p2p/${await newPeer()}`, ...addressesOf(remote as Libp2p)]
  const connections = await node.services.dialer.bootstrap(list)

  t.is(connections.length, 1)
  leadsTo(t, connections[0] as Connection, remote as Libp2p)
  t.deepEqual(node.getConnections(), connections)
})

test('bootstrap() keeps its number of connections, and counts open ones to peers of the list, no others', async t => {
  const [node, nodes, [other]] = await Promise.all([dialling(t, staggered()), remotes(t, 6), remotes(t, 1)])
  const list = nodes.flatMap(addressesOf as any) as string[]
  const { dialer } = node.services
  await node.dial(addressesOf(other as Libp2p))
  const first = await dialer.bootstrap(list, { concurrency: 1, minConnections: 2 })
  t.is(first.length, 2)
  t.is(node.getConnections().length, 3)

  const second = await dialer.bootstrap(list, { concurrency: 1, minConnections: 3, spreadBy: 'prefix' })
  t.deepEqual(peersOf(second), peersOf(node.getConnections().filter(({ remotePeer }) => !remotePeer.equals(other?.peerId))))
  t.is(second.length, 3)
})

test('bootstrap() retries until a dead peer is back', async t => {
  const clock = new VirtualClock()
  const [node, port] = await Promise.all([dialling(t, staggered(), { dialerInit: { clock } }), refused()])
  const remote = await listening(t, { listen: [`${port.multiaddr}`], start: false })
  const connections = node.services.dialer.bootstrap([`${port.multiaddr}/p2p/${remote.peerId}`])
  // the attempt was refused, and the bootstrap now waits
  t.is(await until(() => node.services.dialer.traces().length, count => count === 1), 1)
  await until(() => node.services.dialer.traces()[0]?.error, error => error != null)
  await remote.start()


  let isConnected = false
  void connections.then(() => { isConnected = true })

  while (!isConnected) {
    await clock.advance(300)
    await sleep(10)
  }

  t.is((await connections).length, 1)
  leadsTo(t, (await connections)[0] as Connection, remote)
})

for (const [end, why] of [['stop', 'The dialer was stopped'], ['detach', 'The dialer was detached']] as const) {
  test(`bootstrap() ends when the node does: ${end}`, async t => {
    const clock = new VirtualClock()
    const [node, port] = await Promise.all([dialling(t, staggered(), { dialerInit: { clock } }), refused()])
    const run = t.throwsAsync(node.services.dialer.bootstrap([`${port.multiaddr}/p2p/${await newPeer()}`]), { name: 'AbortError', message: why })
    await until(() => node.services.dialer.traces()[0]?.error, error => error != null)

    if (end === 'stop') {
      await node.stop()
    } else {
      node.services.dialer.detach()
    }

    await run
    t.is(clock.pending, 0)
    await node.stop()
  })
}

test('bootstrap() throws for an invalid list', async t => {
  const node = await dialling(t, staggered())
  await t.throwsAsync(node.services.dialer.bootstrap([]), { name: 'InvalidParametersError' })
  await t.throwsAsync(node.services.dialer.bootstrap(['/dnsaddr/a.example']), { name: 'InvalidParametersError' })
})

test('fromBootstrap() finds the addresses of a listed peer', async t => {
  const [remote] = await remotes(t, 1)
  const node = await dialling(t, staggered().before('resolve', fromBootstrap(addressesOf(remote as Libp2p))))

  leadsTo(t, await node.dial((remote as Libp2p).peerId), remote as Libp2p)
  t.deepEqual(node.services.dialer.traces()[0]?.candidates.map(({ provenance }) => provenance), [['bootstrap']])
})
