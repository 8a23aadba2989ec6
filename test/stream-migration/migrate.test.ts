import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { MigrationDeniedError } from '../../src/stream-migration/errors.ts'
import { ECHO, Scene } from './kit/scene.ts'
import type { ExecutionContext } from 'ava'

const NOTHING = { streams: 0, labels: 0, timers: 0 }

/** Checks that both ends still exchange data, and leave nothing open */
async function works (t: ExecutionContext, scene: Scene): Promise<void> {
  const [a, b] = scene.talkers

  a.send(1_000)
  b.send(1_000)
  await scene.end()

  t.deepEqual([a.received, a.wrong, a.closed], [b.sent, undefined, { error: undefined }])
  t.deepEqual([b.received, b.wrong, b.closed], [a.sent, undefined, { error: undefined }])
  t.deepEqual(scene.left, NOTHING)
}

for (const side of [0, 1] as const) {
  test(`end ${side} moves a stream, and its old connection has no stream left`, async t => {
    const scene = await new Scene(2).open()
    const [from, to] = [scene.wire(0), scene.wire(1)]

    scene.talkers[0].send(100_000)
    scene.talkers[1].send(100_000)
    const migrated = scene.migrate(side, 1)
    await scene.settle()
    await migrated

    t.deepEqual(from.streams.map(({ size }) => size), [0, 0])
    t.deepEqual(to.streams.map(({ size }) => size), [1, 1])
    t.is(scene.stream(0).connection, to.connections[0])
    t.is(scene.stream(1).connection, to.connections[1])
    await works(t, scene)
  })
}

test('a migratable stream behaves like an ordinary one', async t => {
  const scene = await new Scene(1).open()
  const [out, into] = scene.talkers

  t.is(out.stream.protocol, ECHO)
  t.is(into.stream.protocol, ECHO)
  t.is(out.stream.direction, 'outbound')
  t.is(into.stream.direction, 'inbound')
  t.is(out.stream.id, into.stream.id)
  await works(t, scene)
})

test('when both ends migrate at once, the lower peer id wins and the other rejects', async t => {
  const scene = await new Scene(3).open()

  const first = scene.migrate(0, 1)
  const second = t.throwsAsync(scene.migrate(1, 2), { instanceOf: MigrationDeniedError })
  await scene.settle()
  await first
  await second

  t.is(scene.stream(0).connection, scene.wire(1).connections[0])
  t.is(scene.stream(1).connection, scene.wire(1).connections[1])
  await works(t, scene)
})

test('a second migrate() rejects while one is pending', async t => {
  const scene = await new Scene(3).open()

  const first = scene.migrate(0, 1)
  await t.throwsAsync(scene.migrate(0, 2), { instanceOf: MigrationDeniedError })
  await scene.settle()
  await first

  const next = scene.migrate(0, 2)
  await scene.settle()
  await next

  t.is(scene.stream(1).connection, scene.wire(2).connections[1])
  await works(t, scene)
})

test('migrate() can be called again before the other end knows of the first', async t => {
  const scene = await new Scene(3).open()
  const [service] = scene.services
  const given = new AbortController()

  const first = t.throwsAsync(service.migrate(scene.stream(0), scene.wire(1).connections[0], given), { name: 'AbortError' })
  await scene.pass()
  scene.wire(1).deliver(0, 2)
  await scene.pass()
  given.abort()
  await first

  const second = scene.migrate(0, 2)
  await scene.pass()
  scene.wire(2).deliver(0, 2)
  await scene.pass()
  t.is(scene.wire(1).streams[1].size, 0)

  await scene.settle()
  await second
  t.is(scene.stream(1).connection, scene.wire(2).connections[1])
  await works(t, scene)
})

test('migrate() to the current connection does nothing', async t => {
  const scene = await new Scene(1).open()

  await scene.migrate(0, 0)

  t.is(scene.wire(0).pending(0), 0)
  await works(t, scene)
})

test('migrate() throws for unlabelled streams and connections to another peer', async t => {
  const scene = await new Scene(2).open()
  const [service] = scene.services
  const { connections: [toOther, toSelf] } = scene.wire(1)

  await t.throwsAsync(service.migrate(await toOther.newStream([ECHO]), toOther), { name: 'InvalidParametersError' })
  await t.throwsAsync(service.migrate(scene.stream(0), toSelf), { name: 'InvalidParametersError' })
  // `any`: a wrong argument
  await t.throwsAsync(service.migrate(scene.stream(0), undefined as any), { name: 'InvalidParametersError' })
})

test('open() throws InvalidParametersError for a target that is no connection and no peer id', async t => {
  const [service] = (await new Scene(1).open()).services

  for (const target of [multiaddr('/ip4/1.2.3.4/tcp/1'), '/ip4/1.2.3.4/tcp/1', undefined]) {
    // `any`: a wrong argument
    await t.throwsAsync(service.open(target as any, ECHO), { name: 'InvalidParametersError', message: /^open\(\) needs a connection or a peer id, not / })
  }
})

test('a half-closed stream stays half-closed when it moves', async t => {
  for (const side of [0, 1] as const) {
    const scene = await new Scene(2).open()
    const [closing, open] = scene.talkers

    closing.send(50_000)
    closing.close()
    const migrated = scene.migrate(side, 1)
    await scene.settle()
    await migrated

    t.true(open.ended)
    t.is(open.closed, undefined)
    t.is(closing.stream.writeStatus, 'closed')

    open.send(50_000)
    await scene.settle()
    t.is(closing.received, 50_000)
    await works(t, scene)
  }
})

test('migrate() of a closed stream rejects with StreamStateError', async t => {
  const scene = await new Scene(2).open()
  await scene.end()

  await t.throwsAsync(scene.migrate(0, 1), { name: 'StreamStateError' })
  t.deepEqual(scene.left, NOTHING)
})

test('a pending migrate() rejects at once when the stream ends', async t => {
  const scene = await new Scene(2).open()
  const migrated = t.throwsAsync(scene.migrate(0, 1), { name: 'StreamStateError' })
  await scene.pass()

  for (const talker of scene.talkers) {
    talker.close()
  }

  while (scene.talkers.some(({ closed }) => closed == null)) {
    scene.wire(0).deliver(0, 1)
    scene.wire(0).deliver(1, 1)
    await scene.pass()
  }

  await migrated
  await scene.settle()
  t.deepEqual(scene.left, NOTHING)
})

test('a stream whose reader is closed can move', async t => {
  const scene = await new Scene([{ window: 1_000 }, { window: 1_000 }]).open()
  const [deaf, talking] = scene.talkers

  deaf.pause()
  await deaf.stream.closeRead()
  talking.send(50_000)
  const migrated = scene.migrate(1, 1)
  await scene.settle()
  await migrated
  await scene.end()

  t.is(deaf.received, 0)
  t.deepEqual([deaf.closed, talking.closed], [{ error: undefined }, { error: undefined }])
  t.deepEqual(scene.left, NOTHING)
})

for (const side of [0, 1] as const) {
  test(`a reset by end ${side} during a move resets the whole stream`, async t => {
    const scene = await new Scene(2).open()
    scene.talkers[1].pause()
    scene.talkers[0].send(1_000_000)

    const migrated = t.throwsAsync(scene.migrate(0, 1), { message: side === 0 ? 'enough' : /reset/ })
    await scene.settle()
    scene.talkers[side].stream.abort(new Error('enough'))
    await scene.settle()
    await migrated

    t.deepEqual(scene.talkers.map(({ stream }) => stream.status), side === 0 ? ['aborted', 'reset'] : ['reset', 'aborted'])
    t.deepEqual(scene.left, NOTHING)
  })
}

test('an abort before the other end agrees cancels the move, and later only the wait', async t => {
  const scene = await new Scene(2).open()
  const [service] = scene.services
  const { connections: [to] } = scene.wire(1)
  const early = new AbortController()
  const late = new AbortController()

  const withdrawn = service.migrate(scene.stream(0), to, early)
  await scene.pass()
  early.abort(new Error('changed my mind'))
  await t.throwsAsync(withdrawn, { message: 'changed my mind' })
  await scene.settle()
  t.is(scene.stream(0).connection, scene.wire(0).connections[0])

  scene.talkers[1].pause()
  scene.talkers[0].send(1_000_000)
  const left = service.migrate(scene.stream(0), to, late)
  await scene.settle()
  late.abort(new Error('no time'))
  await t.throwsAsync(left, { message: 'no time' })
  t.is(scene.stream(0).connection, to)

  await works(t, scene)
})
