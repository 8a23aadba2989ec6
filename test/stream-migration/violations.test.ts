import test from 'ava'
import { Uint8ArrayList } from 'uint8arraylist'
import { encode } from '../../src/stream-migration/frames.ts'
import { PROTOCOL } from '../../src/stream-migration/protocol.ts'
import { ECHO, Scene } from './kit/scene.ts'
import { Talker } from './kit/talker.ts'
import type { Frame } from '../../src/stream-migration/frames.ts'

const LABEL: Frame = { type: 'label', id: 1, protocol: ECHO }
const data = (bytes: number): Frame => ({ type: 'data', data: new Uint8ArrayList(new Uint8Array(bytes)) })

/** Returns the effects of these frames on the stream of an end */
async function after (frames: Array<Frame | Uint8Array>): Promise<{ error?: string, left: Scene['left'] }> {
  const scene = new Scene(2)
  let talker: Talker | undefined
  scene.services[0].handle(ECHO, stream => { talker = new Talker(stream, 0) })

  const stream = await scene.wire(0).connections[1].newStream([PROTOCOL])
  let reset: string | undefined
  stream.addEventListener('close', ({ error }) => { reset = error?.name })

  for (const frame of frames) {
    if (stream.writeStatus !== 'writable') {
      break
    }

    stream.send(frame instanceof Uint8Array ? frame : encode(frame))
    await scene.settle()
  }

  return { error: talker == null ? reset : talker.closed?.error?.name, left: scene.left }
}

const VIOLATIONS: Array<[string, Array<Frame | Uint8Array>]> = [
  ['data after its end', [LABEL, { type: 'fin', offset: 0 }, data(1)]],
  ['a second end', [LABEL, { type: 'fin', offset: 0 }, { type: 'fin', offset: 0 }]],
  ['an end of more than was sent', [LABEL, data(9), { type: 'fin', offset: 10 }]],
  ['an answer to an end that was not sent', [LABEL, { type: 'fin-ack' }]],
  ['a switch to nowhere', [LABEL, data(9), { type: 'switch', offset: 9 }]],
  ['a greeting within a stream', [LABEL, LABEL]],
  ['an answer within a stream', [LABEL, { type: 'answer', accepted: true }]],
  ['a type that there is not', [LABEL, Uint8Array.of(1, 99)]],
  ['a number that is missing', [LABEL, Uint8Array.of(1, 3)]],
  ['more than a number', [LABEL, Uint8Array.of(3, 1, 0, 0)]]
]

for (const [name, frames] of VIOLATIONS) {
  test(`${name} ends the stream with InvalidFrameError`, async t => {
    t.deepEqual(await after(frames), { error: 'InvalidFrameError', left: { streams: 0, labels: 0, timers: 0 } })
  })
}

test('a frame over the size limit ends the stream with InvalidMessageLengthError', async t => {
  const { error, left } = await after([LABEL, Uint8Array.of(0xff, 0xff, 0x7f)])

  t.is(error, 'InvalidMessageLengthError')
  t.deepEqual(left, { streams: 0, labels: 0, timers: 0 })
})

test('an endless length prefix ends the stream', async t => {
  const { error } = await after([LABEL, ...Array.from({ length: 80 }, () => new Uint8Array(60_000).fill(0xff))])

  t.is(error, 'InvalidParametersError')
})

test('a label with the other end\'s number, or one in use, resets the stream', async t => {
  t.is((await after([{ ...LABEL, id: 2 }])).error, 'StreamResetError')

  const scene = new Scene(1)
  scene.services[0].handle(ECHO, () => {})
  const streams = await Promise.all([1, 2].map(async () => scene.wire(0).connections[1].newStream([PROTOCOL])))

  for (const stream of streams) {
    stream.send(encode(LABEL))
    await scene.settle()
  }

  t.deepEqual(streams.map(({ status }) => status), ['open', 'reset'])
})

test('a stream that does not begin with a label is reset', async t => {
  t.is((await after([data(1)])).error, 'StreamResetError')
})

test('another peer cannot move a stream', async t => {
  const scene = await new Scene(1).open()
  const stream = await scene.wire(0).connections[1].newStream([PROTOCOL])

  stream.send(encode({ type: 'migrate', id: Number(scene.stream(0).id) + 2 }))
  await scene.settle()

  t.is(stream.remoteWriteStatus, 'closed')
  t.is(scene.stream(0).status, 'open')
})
