import { fc, testProp } from '@fast-check/ava'
import * as varint from 'uint8-varint'
import { Uint8ArrayList } from 'uint8arraylist'
import { decode, encode } from '../../src/stream-migration/frames.ts'
import { InvalidFrameError } from '../../src/stream-migration/errors.ts'
import type { Frame } from '../../src/stream-migration/frames.ts'

const number = fc.maxSafeNat()
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('label' as const), id: number, protocol: fc.string() }),
  fc.record({ type: fc.constant('migrate' as const), id: number }),
  fc.record({ type: fc.constant('answer' as const), accepted: fc.boolean() }),
  fc.record({ type: fc.constant('data' as const), data: fc.uint8Array().map(bytes => new Uint8ArrayList(bytes)) }),
  fc.record({ type: fc.constantFrom('switch' as const, 'fin' as const), offset: number }),
  fc.record({ type: fc.constant('fin-ack' as const) })
)

testProp('a decoded frame equals the encoded one', [frames], (t, frame) => {
  const bytes = encode(frame)
  const length = varint.decode(bytes)

  t.is(varint.encodingLength(length) + length, bytes.byteLength)
  t.deepEqual(plain(decode(bytes.sublist(varint.encodingLength(length)))), plain(frame))
})

testProp('any bytes decode to a frame or throw InvalidFrameError', [fc.uint8Array()], (t, bytes) => {
  try {
    decode(new Uint8ArrayList(bytes))
    t.pass()
  } catch (err) {
    t.true(err instanceof InvalidFrameError)
  }
})

function plain (frame: Frame): object {
  return frame.type === 'data' ? { ...frame, data: frame.data.slice() } : frame
}
