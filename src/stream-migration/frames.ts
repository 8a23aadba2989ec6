import * as varint from 'uint8-varint'
import { Uint8ArrayList } from 'uint8arraylist'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { InvalidFrameError } from './errors.ts'

/** A frame on a physical stream. Offsets and ids are below 2^53 */
export type Frame =
  /** Opens a labelled stream */
  | { type: 'label', id: number, protocol: string }
  /** Asks to move the stream with this id to the connection of this frame */
  | { type: 'migrate', id: number }
  /** Answers a `label` or a `migrate` */
  | { type: 'answer', accepted: boolean }
  | { type: 'data', data: Uint8ArrayList }
  /** The last frame of this direction on this connection, after `offset` bytes of data. The next one comes on the other connection */
  | { type: 'switch', offset: number }
  /** The end of the data in this direction, after `offset` bytes */
  | { type: 'fin', offset: number }
  /** All data before the `fin` has arrived */
  | { type: 'fin-ack' }

const CODES = { data: 0, fin: 1, 'fin-ack': 2, switch: 3, label: 16, migrate: 17, answer: 18 } as const
const TYPES = new Map<number | undefined, Frame['type']>(Object.entries(CODES).map(([type, code]) => [code, type as Frame['type']]))

/** Returns a frame as bytes, with its length in front */
export function encode (frame: Frame): Uint8ArrayList {
  const list = new Uint8ArrayList(Uint8Array.of(CODES[frame.type]), ...body(frame))
  list.prepend(varint.encode(list.byteLength))

  return list
}

function body (frame: Frame): Array<Uint8Array | Uint8ArrayList> {
  switch (frame.type) {
    case 'label': return [varint.encode(frame.id), fromString(frame.protocol)]
    case 'migrate': return [varint.encode(frame.id)]
    case 'answer': return [Uint8Array.of(frame.accepted ? 1 : 0)]
    case 'data': return [frame.data]
    case 'switch':
    case 'fin': return [varint.encode(frame.offset)]
    case 'fin-ack': return []
  }
}

/**
 * Parses a frame without its length
 *
 * @throws InvalidFrameError for an unknown type, and for a body that does not fit its type
 */
export function decode (bytes: Uint8ArrayList): Frame {
  const type = bytes.byteLength === 0 ? undefined : TYPES.get(bytes.get(0))
  const body = bytes.sublist(1)

  switch (type) {
    case 'label': {
      const id = number(body)

      return { type, id, protocol: toString(body.subarray(varint.encodingLength(id))) }
    }
    case 'migrate': return { type, id: onlyNumber(body) }
    case 'answer': return { type, accepted: onlyNumber(body) === 1 }
    case 'data': return { type, data: body }
    case 'switch':
    case 'fin': return { type, offset: onlyNumber(body) }
    case 'fin-ack': return { type }
    case undefined: throw new InvalidFrameError('There is no frame of this type')
  }
}

function onlyNumber (body: Uint8ArrayList): number {
  const value = number(body)

  if (varint.encodingLength(value) !== body.byteLength) {
    throw new InvalidFrameError('The frame has more bytes than its type')
  }

  return value
}

/** Maximum bytes of a number */
const MAX_VARINT = 8

function number (body: Uint8ArrayList): number {
  try {
    return varint.decode(body.subarray(0, Math.min(MAX_VARINT, body.byteLength)))
  } catch {
    throw new InvalidFrameError('The frame has no number where its type has one')
  }
}
