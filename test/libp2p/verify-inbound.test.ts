import test from 'ava'
import { byteStream } from '@libp2p/utils'
import { fromString, toString } from 'uint8arrays'
import { adaptive } from '../../presets/index.ts'
import { attach } from '../../src/index.ts'
import { dialable, fromCaller, gater, pipeline, race, verify } from '../../src/stages/index.ts'
import { pacedClock } from '../helpers/paced-clock.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, Gate, listening } from './kit.ts'
import { recordLogs } from './record-logs.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'
import type { DialerInit } from '../../src/index.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const CHALLENGE = '/test/challenge/1'
const LISTEN = ['/ip4/127.0.0.1/tcp/0']

const dials = pipeline(fromCaller(), dialable(), gater(), race())

/** A node with verifyInbound that others dial */
async function guarded (t: ExecutionContext, dialerInit: DialerInit, options: object = {}): ReturnType<typeof dialling> {
  return dialling(t, dials, { listen: LISTEN, dialerInit, ...options })
}

const openListeners = (node: Libp2p): number => (node as any).components.events.listenerCount('connection:open')

/** Returns a check that asks the peer for a word */
const answers = (word: string): CheckConnection => async (connection, { signal }) => {
  const stream = await connection.newStream(CHALLENGE, { signal })
  const answer = await byteStream(stream).read({ bytes: word.length, signal })
  await stream.close({ signal })

  return toString(answer.subarray()) === word || 'wrong word'
}

const says = (word: string) => async (stream: Stream): Promise<void> => {
  stream.send(fromString(word))
  await stream.close()
}

test('verifyInbound lets listed peers in, and closes connections of others', async t => {
  const members = new Set<string>()
  const { logger, lines } = recordLogs('libp2p:dial-pipeline:verify-inbound')
  const node = await guarded(t, { verifyInbound: ({ remotePeer }) => members.has(remotePeer.toString()) || 'not a member' }, { logger })
  const [member, stranger] = [await listening(t), await listening(t)]
  members.add(member.peerId.toString())
  const refused: Array<{ connection: Connection, error: Error }> = []
  node.services.dialer.addEventListener('connection:refused', ({ detail }) => { refused.push(detail) })

  const theirs = await stranger.dial(addressesOf(node))
  const ours = await member.dial(addressesOf(node))
  t.is(await until(() => theirs.status, status => status === 'closed'), 'closed')
  t.is(await until(() => node.getConnections(stranger.peerId).length, n => n === 0), 0)

  t.is(await until(() => node.getConnections(member.peerId).length, n => n === 1), 1)
  t.is(ours.status, 'open')
  t.is(refused.length, 1)
  t.true(refused[0]?.connection.remotePeer.equals(stranger.peerId))
  t.is(refused[0]?.error.name, 'VerificationError')
  t.regex(lines.join('\n'), /^closing a connection of \S+ - VerificationError: verifyInbound refused \/ip4\/127\.0\.0\.1\/tcp\/\d+\S*: not a member$/)
})

test('verifyInbound can challenge a peer over the connection while the peer challenges back', async t => {
  const node = await guarded(t, { verifyInbound: answers('open sesame') })
  await node.handle(CHALLENGE, says('welcome'))
  const member = await dialling(t, dials.after('race', verify(answers('welcome'))))
  const stranger = await listening(t)
  await member.handle(CHALLENGE, says('open sesame'))
  await stranger.handle(CHALLENGE, says('open barley.'))

  const ours = await member.dial(addressesOf(node))
  const theirs = await stranger.dial(addressesOf(node))
  t.is(await until(() => theirs.status, status => status === 'closed'), 'closed')
  t.is(await until(() => node.getConnections().length, n => n === 1), 1)
  t.is(ours.status, 'open')
  t.deepEqual(node.getConnections().map(({ remotePeer }) => remotePeer.toString()), [member.peerId.toString()])
})

test('a check that dials the peer gets the connection that it checks', async t => {
  const found: Array<[Connection, Connection]> = []
  const node = await guarded(t, {
    verifyInbound: async (connection, { signal }) => {
      found.push([connection, await node.dial(connection.remotePeer, { signal })])

      return true
    }
  })
  const peer = await listening(t, { listen: [] })
  const connection = await peer.dial(addressesOf(node))
  t.is(await until(() => found.length, count => count === 1, 10_000), 1)
  t.is(found[0]?.[0], found[0]?.[1] as Connection)
  t.is(connection.status, 'open')
})

test('verifyInbound closes the connection of a peer without the check\'s protocol', async t => {
  const node = await guarded(t, { verifyInbound: answers('open sesame') })
  const stranger = await listening(t)
  const theirs = await stranger.dial(addressesOf(node))
  t.is(await until(() => theirs.status, status => status === 'closed'), 'closed')
})

test('verifyInbound closes the connection of a peer that does not answer within addressDialTimeout', async t => {
  const node = await guarded(t, { verifyInbound: answers('open sesame') }, { connectionManager: { addressDialTimeout: 200 } })
  const stranger = await listening(t)
  await stranger.handle(CHALLENGE, () => {})
  const errors: Error[] = []
  node.services.dialer.addEventListener('connection:refused', ({ detail }) => { errors.push(detail.error) })
  const theirs = await stranger.dial(addressesOf(node))
  t.is(await until(() => theirs.status, status => status !== 'open'), 'closed')
  t.regex(errors[0]?.message ?? '', /the check took longer than 200 ms$/)
})

test('verifyInbound does not check connections that the node dials', async t => {
  const node = await guarded(t, { verifyInbound: () => false })
  const remote = await listening(t)
  const connection = await node.dial(addressesOf(remote))
  // an inbound connection is refused meanwhile
  const theirs = await (await listening(t)).dial(addressesOf(node))
  t.is(await until(() => theirs.status, status => status === 'closed'), 'closed')
  t.is(connection.status, 'open')
})

test('an inbound connection is not preferred before verifyInbound accepts it', async t => {
  const gate = Promise.withResolvers<boolean>()
  const node = await dialling(t, adaptive(), { listen: LISTEN, dialerInit: { verifyInbound: async () => gate.promise, convergence: { order: ['tcp'] } } })
  const { dialer } = node.services
  const remote = await listening(t)
  const changes: unknown[] = []
  dialer.addEventListener('connection:preferred', ({ detail }) => { changes.push(detail.connection) })

  const first = await node.dial(addressesOf(remote, 'ws'))
  await remote.dial(addressesOf(node), { force: true })
  const all = await until(() => node.getConnections(remote.peerId), ({ length }) => length === 2)
  const inbound = all.find(({ direction }) => direction === 'inbound')
  t.is(dialer.preferred(remote.peerId), first)
  t.deepEqual(changes, [])

  gate.resolve(true)
  await until(() => changes.length, n => n === 1)
  t.is(dialer.preferred(remote.peerId), inbound)
  t.deepEqual(changes, [inbound])
})

test('a connection is not preferred before verify() accepts it', async t => {
  const gate = new Gate()
  const paced = pacedClock(t)
  const slow = adaptive().after('race', verify(async () => !await gate.hold(), { timeout: 60_000 }))
  const node = await dialling(t, slow, { listen: ['/ip4/127.0.0.1/tcp/0/ws'], dialerInit: { clock: paced.clock, convergence: { order: ['tcp'] } } })
  const remote = await listening(t)
  await remote.dial(node.getMultiaddrs())
  const [inbound] = await until(() => node.getConnections(remote.peerId), ({ length }) => length === 1)

  const dialled = node.dial(addressesOf(remote), { force: true, signal: AbortSignal.timeout(60_000) })
  await gate.arrival
  const begin = paced.clock.now()
  paced.speed = 20
  await until(() => paced.clock.now(), now => now > begin + 10_000)
  paced.speed = 1
  t.is(node.services.dialer.preferred(remote.peerId), inbound)

  gate.open()
  const outbound = await dialled
  t.is(node.services.dialer.preferred(remote.peerId), outbound)
})

test('attach() with verifyInbound checks open inbound connections, until detach()', async t => {
  const node = await listening(t, { listen: LISTEN })
  const [early, late] = [await listening(t), await listening(t)]
  const before = openListeners(node)
  const first = await early.dial(addressesOf(node))
  await until(() => node.getConnections().length, n => n === 1)
  const dialer = attach(node, dials, { verifyInbound: () => false })
  t.is(await until(() => first.status, status => status === 'closed'), 'closed')

  dialer.detach()
  await until(() => openListeners(node), n => n === before)
  t.is(openListeners(node), before)
  const second = await late.dial(addressesOf(node))
  await until(() => node.getConnections().length, n => n === 1)
  t.is(second.status, 'open')
})

test('stop() aborts the checks of verifyInbound, and leaves no listener', async t => {
  let given: AbortSignal | undefined
  const node = await guarded(t, { verifyInbound: async (_connection, { signal }) => {
    given = signal

    return new Promise(() => {})
  } })
  const remote = await listening(t)
  const theirs = await remote.dial(addressesOf(node))
  await until(() => given, signal => signal != null)
  await node.stop()
  t.true(given?.aborted)
  t.is(await until(() => theirs.status, status => status === 'closed'), 'closed')

  await node.start()
  const again = await remote.dial(addressesOf(node))
  await until(() => given?.aborted, isAborted => isAborted === false)
  t.false(given?.aborted)
  t.is(again.status, 'open')
})

test('a node without verifyInbound has no listener for it', async t => {
  const [stock, guardedNode] = [await guarded(t, {}), await guarded(t, { verifyInbound: () => true })]
  t.is(openListeners(guardedNode), openListeners(stock) + 1)
  await guardedNode.stop()
  await stock.stop()
  t.is(openListeners(guardedNode), openListeners(stock))
})
