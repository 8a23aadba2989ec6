import test from 'ava'
import { byteStream } from '@libp2p/utils'
import { fromString, toString } from 'uint8arrays'
import { followPreferred } from '../../src/convergence/follow-preferred.ts'
import { converge, dialable, fromCaller, gater, pipeline, race } from '../../src/stages/index.ts'
import { until } from '../helpers/until.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { StreamFollower } from '../../src/convergence/stream-follower.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const ECHO = '/test/follow/1'

interface Scene {
  /** The remote's ends of the connections that have carried a stream */
  remotes: Connection[]
  follower: StreamFollower
  first: Connection
  second: Connection
  switched: Stream[]
}

/**
 * Two connections to an echoing peer
 *
 * @param isFollowed whether the second becomes preferred
 */
async function scene (t: ExecutionContext, idle: number, isFollowed = true): Promise<Scene> {
  const remote = await listening(t)
  const remotes: Connection[] = []
  await remote.handle(ECHO, (stream, connection) => {
    remotes.push(connection)
    stream.addEventListener('message', ({ data }) => { stream.send(data) })
    stream.addEventListener('remoteCloseWrite', () => { void stream.close() })
  })
  const node = await dialling(t, pipeline(fromCaller(), dialable(), gater(), race(), converge()))
  const { dialer } = node.services
  const first = await node.dial(addressesOf(remote))
  const switched: Stream[] = []
  const follower = await followPreferred(dialer, first, async (connection, signal) => connection.newStream(ECHO, { signal }), { idle, onSwitch: ({ previous }) => { switched.push(previous) } })
  const second = await node.dial(addressesOf(remote, 'ws'), { force: true })

  if (isFollowed) {
    dialer.dispatchEvent(new CustomEvent('connection:preferred', { detail: { peerId: remote.peerId, previous: first, connection: second } }))
  }

  return { remotes, follower, first, second, switched }
}

async function says (stream: Stream, text: string): Promise<string> {
  const bytes = byteStream(stream)
  await bytes.write(fromString(text))
  const answer = toString((await bytes.read({ bytes: text.length })).subarray())
  bytes.unwrap()

  return answer
}

const echoes = ({ streams }: Connection): number => streams.filter(({ protocol }) => protocol === ECHO).length

const carries = (connection: Connection, stream: Stream): boolean => connection.streams.some(({ id, protocol }) => id === stream.id && protocol === stream.protocol)

test('followPreferred() switches to the preferred connection, and closes the old stream', async t => {
  const { follower, first, second, switched } = await scene(t, 200)
  const old = follower.stream
  t.is(await says(old, 'one'), 'one')
  t.true(carries(first, old))
  t.is(await until(() => switched.length, n => n === 1), 1)

  t.is(switched[0], old)
  t.not(follower.stream, old)
  t.is(await says(follower.stream, 'two'), 'two')
  t.true(carries(second, follower.stream))
  t.is(await until(() => echoes(first), n => n === 0), 0)
  t.is(old.status, 'closed')

  follower.end()
  t.is(await says(follower.stream, 'three'), 'three')
})

test('followPreferred() uses the new stream at once when the old connection is lost', async t => {
  const { follower, first, second, switched } = await scene(t, 60_000)
  t.is(await until(() => echoes(second), n => n === 1), 1)
  t.is(switched.length, 0)
  first.abort(new Error('Lost'))
  t.is(await until(() => switched.length, n => n === 1), 1)

  t.is(await says(follower.stream, 'two'), 'two')
  t.true(carries(second, follower.stream))
  follower.end()
})

for (const [how, lose] of [
  ['closes', async connection => connection.close()],
  ['aborts', async connection => { connection.abort(new Error('Gone')) }]
] as Array<[string, (connection: Connection) => Promise<void>]>) {
  for (const isFollowed of [true, false]) {
    test(`followPreferred() continues on the other connection when the remote ${how} the old one, with ${isFollowed ? 'a' : 'no'} new stream open`, async t => {
      const { remotes, follower, first, second, switched } = await scene(t, 60_000, isFollowed)
      t.is(await until(() => echoes(second), n => n === Number(isFollowed)), Number(isFollowed))
      await lose(remotes[0] as Connection)
      t.is(await until(() => switched.length, n => n === 1), 1)

      t.not(first.status, 'open')
      t.is(await says(follower.stream, 'two'), 'two')
      t.true(carries(second, follower.stream))
      follower.end()
    })
  }
}

test('followPreferred() closes the new stream when the application closes the current one', async t => {
  const { follower, second, switched } = await scene(t, 60_000)
  t.is(await until(() => echoes(second), n => n === 1), 1)
  await follower.stream.close()
  t.is(await until(() => echoes(second), n => n === 0), 0)
  t.is(switched.length, 0)
})
