import test from 'ava'
import { byteStream } from '@libp2p/utils'
import { fromString, toString } from 'uint8arrays'
import { migrate } from '../../src/convergence/migrate.ts'
import { dialable, fromCaller, gater, pipeline, race } from '../../src/stages/index.ts'
import { until } from '../helpers/open-handles.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { Migration } from '../../src/convergence/migration.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

const ECHO = '/test/migrate/1'

interface Scene {
  remote: Libp2p
  migration: Migration
  first: Connection
  second: Connection
  switched: Stream[]
}

/** Two connections to a peer that says everything twice; the second becomes the preferred one */
async function scene (t: ExecutionContext, idle: number): Promise<Scene> {
  const remote = await listening(t)
  await remote.handle(ECHO, stream => {
    stream.addEventListener('message', ({ data }) => { stream.send(data) })
    stream.addEventListener('remoteCloseWrite', () => { void stream.close() })
  })
  const node = await dialling(t, pipeline(fromCaller(), dialable(), gater(), race()))
  const { dialer } = node.services
  const first = await node.dial(addressesOf(remote))
  const switched: Stream[] = []
  const migration = await migrate(dialer, first, async (connection, signal) => connection.newStream(ECHO, { signal }), { idle, onSwitch: ({ previous }) => { switched.push(previous) } })
  const second = await node.dial(addressesOf(remote, 'ws'), { force: true })
  dialer.dispatchEvent(new CustomEvent('connection:preferred', { detail: { peerId: remote.peerId, previous: first, preferred: second } }))

  return { remote, migration, first, second, switched }
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

test('a stream moves to the preferred connection, nothing is lost, and the old one is closed', async t => {
  const { migration, first, second, switched } = await scene(t, 200)
  const old = migration.stream
  t.is(await says(old, 'one'), 'one')
  t.true(carries(first, old))
  t.is(await until(() => switched.length, n => n === 1), 1)

  t.is(switched[0], old)
  t.not(migration.stream, old)
  t.is(await says(migration.stream, 'two'), 'two')
  t.true(carries(second, migration.stream))
  t.is(await until(() => echoes(first), n => n === 0), 0)
  t.is(old.status, 'closed')

  migration.end()
  t.is(await says(migration.stream, 'three'), 'three')
})

test('when the old connection is lost the new stream takes over at once', async t => {
  const { migration, first, second, switched } = await scene(t, 60_000)
  t.is(await until(() => echoes(second), n => n === 1), 1)
  t.is(switched.length, 0)
  first.abort(new Error('Lost'))
  t.is(await until(() => switched.length, n => n === 1), 1)

  t.is(await says(migration.stream, 'two'), 'two')
  t.true(carries(second, migration.stream))
  migration.end()
})

test('when the application closes its stream the new one is closed too', async t => {
  const { migration, second, switched } = await scene(t, 60_000)
  t.is(await until(() => echoes(second), n => n === 1), 1)
  await migration.stream.close()
  t.is(await until(() => echoes(second), n => n === 0), 0)
  t.is(switched.length, 0)
})
