import test from 'ava'
import { TypedEventEmitter } from 'main-event'
import { Uint8ArrayList } from 'uint8arraylist'
import { encode } from '../../src/stream-migration/frames.ts'
import { PhysicalStream } from '../../src/stream-migration/physical-stream.ts'
import type { ExecutionContext } from 'ava'

class FakeStream extends TypedEventEmitter<Record<string, Event>> {
  readonly maxReadBufferLength = 1_000
  readonly lines: string[] = []
  readonly log = { trace: (text: string) => { this.lines.push(text) } }
  readonly status = 'open'
  readonly readBufferLength = 0
  readStatus = 'readable'
  remoteWriteStatus = 'writable'

  /** Called while the stream resumes, as listeners of its buffered messages are */
  onResume = (): void => {}

  pause (): void {
    this.readStatus = 'paused'
  }

  resume (): void {
    this.readStatus = 'readable'
    this.onResume()
  }
}

/** A paused stream */
function paused (t: ExecutionContext): { stream: FakeStream, physical: PhysicalStream } {
  const stream = new FakeStream()
  // `any`: a stream with no more than is read, on a connection that is not
  const physical = new PhysicalStream(stream as any, {} as any)
  physical.pause()
  t.is(stream.readStatus, 'paused')

  return { stream, physical }
}

test('a pause within resume() pauses the stream at the end of resume()', t => {
  const { stream, physical } = paused(t)
  stream.onResume = () => { physical.pause() }
  physical.resume()
  t.is(stream.readStatus, 'paused')

  stream.onResume = () => {}
  physical.resume()
  t.is(stream.readStatus, 'readable')
})

test('the last call within resume() counts', t => {
  const { stream, physical } = paused(t)
  stream.onResume = () => {
    physical.pause()
    physical.resume()
  }
  physical.resume()

  t.is(stream.readStatus, 'readable')
})

test('resume() logs that the remote cannot be told, and a later pause() pauses', t => {
  const { stream, physical } = paused(t)
  stream.onResume = () => { throw new Error('closed') }
  t.notThrows(() => { physical.resume() })
  t.deepEqual(stream.lines, ['could not tell the other end to go on - %e'])

  physical.pause()
  t.is(stream.readStatus, 'paused')
})

test('the end of a stream is reported after all frames of its last message, also when it arrives within a frame', t => {
  const stream = new FakeStream()
  // `any`: a stream with no more than is read, on a connection that is not
  const physical = new PhysicalStream(stream as any, {} as any)
  const calls: string[] = []
  physical.attach({
    onFrame: (_, { type }) => {
      calls.push(type)
      stream.remoteWriteStatus = 'closed'
      stream.dispatchEvent(new Event('remoteCloseWrite'))
    },
    onEnd: () => { calls.push('end') },
    onDrain: () => {},
    onInvalid: err => { t.fail(err.message) },
    onClose: () => {}
  })
  const data = new Uint8ArrayList(encode({ type: 'switch', offset: 0 }), encode({ type: 'fin', offset: 0 }))
  stream.dispatchEvent(Object.assign(new Event('message'), { data }))

  t.deepEqual(calls, ['switch', 'fin', 'end'])
})
