import test from 'ava'
import { MigrationDeniedError } from '../../src/stream-migration/index.ts'
import { ECHO, Scene } from './kit/scene.ts'

test('a reader who has paused holds the writer up, wherever the stream moves', async t => {
  const scene = await new Scene([{ window: 1_000 }, { window: 2_000 }]).open()
  const [writer, reader] = scene.talkers

  reader.pause()
  writer.send(500_000)
  const migrated = scene.migrate(0, 1)
  await scene.settle()

  const { stream } = writer
  t.true(stream.writableNeedsDrain)
  // one application write, and a frame in each of the legs
  t.true(writer.sent < 150_000)
  // what the windows of the two connections let pass
  t.true(reader.stream.readBufferLength < 3_000)
  t.is(reader.received, 0)

  await scene.end()
  await migrated
  t.is(reader.received, 500_000)
  t.is(reader.wrong, undefined)
})

test('nothing is waited for longer than the timeout: the stream stays where it is', async t => {
  const scene = await new Scene(2).open()

  const migrated = t.throwsAsync(scene.migrate(0, 1), { name: 'TimeoutError' })
  await scene.pass()
  t.is(scene.left.timers, 1)
  await scene.clock.advance(10_000)
  await migrated
  await scene.settle()

  t.is(scene.stream(0).connection, scene.wire(0).connections[0])
  t.deepEqual(scene.left, { streams: 2, labels: 2, timers: 0 })
})

test('who opens a stream and says nothing is reset', async t => {
  const scene = await new Scene(1).open()

  const stream = await scene.wire(0).connections[0].newStream([ECHO])
  await scene.settle()
  await scene.clock.advance(10_000)
  await scene.settle()

  t.is(stream.status, 'reset')
  t.deepEqual(scene.left, { streams: 2, labels: 2, timers: 0 })
})

test('a protocol that is not handled is an error, and leaves nothing', async t => {
  const scene = await new Scene(1).open()

  const opened = t.throwsAsync(scene.services[0].open(scene.wire(0).connections[0], '/nobody/has/this'), { name: 'UnsupportedProtocolError' })
  await scene.settle()
  await opened

  t.deepEqual(scene.left, { streams: 2, labels: 2, timers: 0 })

  scene.services[1].unhandle(ECHO)
  const again = t.throwsAsync(scene.services[0].open(scene.wire(0).connections[0], ECHO), { name: 'UnsupportedProtocolError' })
  await scene.settle()
  await again
})

test('a protocol is handled once', async t => {
  const scene = await new Scene(1).open()

  t.throws(() => { scene.services[1].handle(ECHO, () => {}) }, { name: 'InvalidParametersError' })
})

test('a handler that fails resets its stream', async t => {
  const scene = await new Scene(1).open()
  scene.services[1].handle('/fails', async () => { throw new Error('no') })

  const opened = t.throwsAsync(scene.services[0].open(scene.wire(0).connections[0], '/fails'), { message: /reset/ })
  await scene.settle()
  await opened

  t.deepEqual(scene.left, { streams: 2, labels: 2, timers: 0 })
})

test('a limited connection is for streams that may run on one, at both ends', async t => {
  const scene = await new Scene([{}, { limited: true }]).open()
  const [service, other] = scene.services
  const [toOther, limited] = scene.wires.map(({ connections: [connection] }) => connection)

  if (toOther == null || limited == null) {
    throw new Error('There are two')
  }

  await t.throwsAsync(scene.migrate(0, 1), { name: 'StreamStateError' })

  const mine = service.open(toOther, ECHO, { runOnLimitedConnection: true })
  await scene.settle()
  const denied = t.throwsAsync(service.migrate(await mine, limited), { instanceOf: MigrationDeniedError })
  await scene.settle()
  await denied

  const refused = t.throwsAsync(service.open(limited, ECHO, { runOnLimitedConnection: true }), { name: 'UnsupportedProtocolError' })
  await scene.settle()
  await refused

  other.handle('/on/limited', () => {}, { runOnLimitedConnection: true })
  const both = service.open(limited, '/on/limited', { runOnLimitedConnection: true })
  await scene.settle()
  const moved = service.migrate(await both, toOther)
  await scene.settle()
  await moved
  const back = service.migrate(await both, limited)
  await scene.settle()
  await back

  t.is((await both).connection, limited)
})
