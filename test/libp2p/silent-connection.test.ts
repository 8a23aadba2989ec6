import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive } from '../../presets/index.ts'
import { mutingProxy } from '../helpers/muting-proxy.ts'
import { pacedClock } from '../helpers/paced-clock.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { MutingProxy } from '../helpers/muting-proxy.ts'
import type { PacedClock } from '../helpers/paced-clock.ts'
import type { Dialer } from '../../src/index.ts'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const ECHO = '/test/silent/1'

interface Scene {
  readonly node: Libp2p
  readonly remote: Libp2p
  /** The connection through the proxy, which is silent */
  readonly old: Connection
  /** The direct connection, which the remote dialled later */
  readonly other: Connection
  readonly proxy: MutingProxy
  readonly paced: PacedClock
}

/** Creates two keys. The peer id of the first is the lower one: the connections that it dials are preferred */
async function keys (): Promise<[PrivateKey, PrivateKey]> {
  const pair = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])

  return pair.toSorted((a, b) => peerIdFromPrivateKey(a).toString() < peerIdFromPrivateKey(b).toString() ? -1 : 1) as [PrivateKey, PrivateKey]
}

/** A peer that is reached over a connection without answers, and has connected anew */
async function roamed (t: ExecutionContext, ...converging: Array<'node' | 'remote'>): Promise<Scene> {
  const paced = pacedClock(t)
  const [lower, higher] = await keys()
  const ends: Libp2p[] = []

  for (const [name, privateKey] of [['node', lower], ['remote', higher]] as const) {
    const options = { privateKey, listen: ['/ip4/127.0.0.1/tcp/0'] }
    const end = converging.includes(name)
      ? await dialling(t, adaptive(), { ...options, dialerInit: { clock: paced.clock, convergence: { idle: 1_000 } } })
      : await listening(t, options)
    await end.handle(ECHO, stream => { stream.abort(new Error('Enough')) })
    ends.push(end)
  }

  const [node, remote] = ends as [Libp2p, Libp2p]
  const proxy = await mutingProxy(Number(addressesOf(remote)[0].getComponents().find(({ name }) => name === 'tcp')?.value))
  t.teardown(proxy.close)
  const old = await node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${remote.peerId.toString()}`))
  t.is(await until(() => remote.getConnections(node.peerId).length, n => n === 1), 1)
  proxy.isMute = true
  await remote.dial(addressesOf(node), { force: true })
  const other = await until(() => node.getConnections(remote.peerId).find(one => one !== old), one => one != null) as Connection

  return { node, remote, old, other, proxy, paced }
}

/** Has an end find out which connection is silent. Returns the preferred connections from then on */
async function findSilent (t: ExecutionContext, { node, old, other, paced }: Scene): Promise<Connection[]> {
  const { dialer } = node.services as unknown as { dialer: Dialer }
  const preferred: Connection[] = []
  dialer.addEventListener('connection:preferred', ({ detail }) => { preferred.push(detail.connection) })
  // time passes quickly as soon as the other connection has answered
  t.true(await until(() => old.streams.length > 0 && other.streams.length === 0, Boolean))
  paced.speed = 20
  await until(() => preferred.length, n => n > 0)

  return preferred
}

async function opens (from: Libp2p, to: Libp2p): Promise<boolean> {
  return from.dialProtocol(to.peerId, ECHO, { negotiateFully: true, signal: AbortSignal.timeout(1_000) }).then(() => true, () => false)
}

// for comparison: libp2p opens streams on the newest direct connection
test('libp2p\'s own dialer opens streams on the new connection of a peer whose old one is silent', async t => {
  const { node, remote, old, other } = await roamed(t)
  t.true(await opens(node, remote))
  t.deepEqual([old.status, other.status], ['open', 'open'])
})

test('new streams leave a silent connection when one end converges, and no connection closes', async t => {
  const here = await roamed(t, 'node')
  const { node, remote, old, other, paced } = here
  t.deepEqual(await findSilent(t, here), [other])
  t.true(await opens(node, remote))

  const begin = paced.clock.now()
  await until(() => paced.clock.now(), now => now > begin + 30_000)
  t.deepEqual([old.status, other.status], ['open', 'open'])
  t.true(await opens(node, remote))
})

test('new streams leave a silent connection when both ends converge, and one connection remains after it answers again', async t => {
  const here = await roamed(t, 'node', 'remote')
  const { node, remote, old, other, proxy } = here
  t.deepEqual(await findSilent(t, here), [other])
  t.true(await opens(node, remote))
  t.deepEqual([old.status, other.status], ['open', 'open'])

  proxy.isMute = false
  t.is(await until(() => node.getConnections(remote.peerId).length, n => n === 1), 1)
  t.true(await opens(node, remote))
  t.true(await opens(remote, node))
})
