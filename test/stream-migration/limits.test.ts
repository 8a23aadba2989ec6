import test from 'ava'
import { MigrationDeniedError } from '../../src/stream-migration/errors.ts'
import { ECHO, Scene } from './kit/scene.ts'

test('a paused reader blocks the writer, on each connection that the stream moves to', async t => {
  const scene = await new Scene([{ window: 1_000 }, { window: 2_000 }]).open()
  const [writer, reader] = scene.talkers

  reader.pause()
  writer.send(500_000)
  const migrated = scene.migrate(0, 1)
  await scene.settle()

  const { stream } = writer
  t.true(stream.writableNeedsDrain)
  // one application write, and a frame on each connection
  t.true(writer.sent < 150_000)
  // limited by the windows of the two connections
  t.true(reader.stream.readBufferLength < 3_000)
  t.is(reader.received, 0)

  await scene.end()
  await migrated
  t.is(reader.received, 500_000)
  t.is(reader.wrong, undefined)
})

for (const [from, to] of [[1_000, 2_000], [25_000, 35_000]] as const) {
  test(`a reader that takes one message at a time blocks the writer, with windows of ${from} and ${to} bytes`, async t => {
    const scene = await new Scene([{ window: from }, { window: to }]).open()
    const [writer, reader] = scene.talkers

    reader.stream.addEventListener('message', () => { reader.pause() })
    writer.send(2_000_000)
    await scene.settle()

    for (let i = 0; i < 50; i++) {
      if (i === 20) {
        scene.migrate(0, 1).catch((err: unknown) => { t.fail(String(err)) })
      }

      reader.resume()
      await scene.settle()
      t.true(writer.sent - reader.received < 150_000)
      t.true(scene.wires.every(({ streams }) => [...streams[1].values()].every(({ readBufferLength }) => readBufferLength <= to)))
    }

    t.is(reader.wrong, undefined)
    t.true(reader.received > 100_000)
  })
}

test('a message of 1,000,000 bytes is sent', async t => {
  const scene = await new Scene(1).open()
  const { stream } = scene.talkers[1]

  stream.send(new Uint8Array(1_000_000))
  await scene.settle()

  t.is(scene.talkers[0].received, 1_000_000)
  t.is(scene.talkers[0].closed, undefined)
})

test('a migration without an answer rejects with TimeoutError, and the stream stays', async t => {
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

test('a stream that is opened without a label is reset', async t => {
  const scene = await new Scene(1).open()

  const stream = await scene.wire(0).connections[0].newStream([ECHO])
  await scene.settle()
  await scene.clock.advance(10_000)
  await scene.settle()

  t.is(stream.status, 'reset')
  t.deepEqual(scene.left, { streams: 2, labels: 2, timers: 0 })
})

test('open() of an unhandled protocol rejects and leaves nothing', async t => {
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

test('handle() throws for a protocol that is already handled', async t => {
  const scene = await new Scene(1).open()

  t.throws(() => { scene.services[1].handle(ECHO, () => {}) }, { name: 'InvalidParametersError' })
})

test('a handler that rejects resets its stream', async t => {
  const scene = await new Scene(1).open()
  scene.services[1].handle('/fails', async () => { throw new Error('no') })

  const opened = t.throwsAsync(scene.services[0].open(scene.wire(0).connections[0], '/fails'), { message: /reset/ })
  await scene.settle()
  await opened

  t.deepEqual(scene.left, { streams: 2, labels: 2, timers: 0 })
})

test('streams need runOnLimitedConnection at both ends to use a limited connection', async t => {
  const scene = await new Scene([{}, { limited: true }]).open()
  const [service, other] = scene.services
  const [toOther, limited] = [scene.wire(0).connections[0], scene.wire(1).connections[0]]

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
