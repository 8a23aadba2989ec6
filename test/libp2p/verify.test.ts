import test from 'ava'
import { identify } from '@libp2p/identify'
import { dialable, fromCaller, gater, pipeline, race, requireProtocol, sequential, verify } from '../../src/stages/index.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, attempted, dialling, leadsTo, listening } from './kit.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

const FLEET = '/test/fleet/1'

/** Two listeners at addresses without a peer id. The second speaks the protocol */
async function fleet (t: ExecutionContext): Promise<{ remotes: [Libp2p, Libp2p], multiaddrs: Multiaddr[] }> {
  const remotes: [Libp2p, Libp2p] = [await listening(t, { services: { identify: identify() } }), await listening(t, { services: { identify: identify() } })]
  await remotes[1].handle(FLEET, stream => { void stream.close() })

  return { remotes, multiaddrs: remotes.map(remote => addressesOf(remote)[0].decapsulate('/p2p')) }
}

test('requireProtocol() closes a connection to a peer without the protocol, and the dial continues', async t => {
  const { remotes: [stranger, member], multiaddrs } = await fleet(t)
  const node = await dialling(t, pipeline(fromCaller(), dialable(), gater(), sequential(), race(), requireProtocol(FLEET)), { services: { identify: identify() } })
  const connection = await node.dial(multiaddrs)

  leadsTo(t, connection, member)
  t.is(await until(() => stranger.getConnections().length, n => n === 0), 0)
  t.deepEqual(node.getConnections(), [connection])
  const [trace] = node.services.dialer.traces()
  t.deepEqual(trace == null ? [] : attempted(trace).map(([, result]) => result), ['failed', 'connected'])

  await t.throwsAsync(node.dial(multiaddrs[0] as Multiaddr), { name: 'VerificationError', message: /require-protocol refused .*: the peer does not speak \/test\/fleet\/1/ })
})

test('verify() can check by opening a stream, without identify', async t => {
  const { remotes: [stranger, member], multiaddrs } = await fleet(t)
  const speaks: CheckConnection = async (connection, { signal }) => {
    const stream = await connection.newStream(FLEET, { signal })
    await stream.close({ signal })

    return true
  }
  const node = await dialling(t, pipeline(fromCaller(), dialable(), gater(), sequential(), race(), verify(speaks)))

  leadsTo(t, await node.dial(multiaddrs), member)
  t.is(await until(() => stranger.getConnections().length, n => n === 0), 0)
  t.is(node.getConnections().length, 1)
})

test('stopping the node during a check leaves nothing open', async t => {
  const { remotes: [stranger], multiaddrs: [multiaddr] } = await fleet(t)
  const node = await dialling(t, pipeline(fromCaller(), dialable(), gater(), race(), verify(async () => new Promise(() => {}))))
  const dial = node.dial(multiaddr as Multiaddr)
  dial.catch(() => {})
  t.is(await until(() => stranger.getConnections().length, n => n === 1), 1)
  await node.stop()

  await t.throwsAsync(dial, { name: 'AbortError' })
  t.is(await until(() => stranger.getConnections().length, n => n === 0), 0)
  t.deepEqual(node.getConnections(), [])
})
