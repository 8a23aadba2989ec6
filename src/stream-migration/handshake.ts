import { lpStream } from '@libp2p/utils'
import { InvalidFrameError } from './errors.ts'
import { decode, encode } from './frames.ts'
import { MAX_PROTOCOL_SIZE } from './protocol.ts'
import type { Frame } from './frames.ts'
import type { Stream } from '@libp2p/interface'

/** Maximum size of the first frame in bytes: a type, a number and a protocol name */
const MAX_HANDSHAKE_SIZE = MAX_PROTOCOL_SIZE + 9

/** The first frame of a physical stream, sent by the end that opened it: what the stream is for */
export type OpeningFrame = Extract<Frame, { type: 'label' | 'migrate' }>

/**
 * Sends the first frame, and resolves to whether the remote accepts
 *
 * @throws InvalidFrameError when the remote does not send an answer; the signal's reason when the signal aborts
 */
export async function handshake (stream: Stream, opening: OpeningFrame, signal: AbortSignal): Promise<boolean> {
  stream.send(encode(opening))
  const answer = await readFrame(stream, signal)

  if (answer.type !== 'answer') {
    throw new InvalidFrameError(`Not an answer, ${answer.type}`)
  }

  return answer.accepted
}

/**
 * Reads the first frame of a stream that the remote opened
 *
 * @throws InvalidFrameError for a frame of another type; the signal's reason when the signal aborts
 */
export async function receiveHandshake (stream: Stream, signal: AbortSignal): Promise<OpeningFrame> {
  const opening = await readFrame(stream, signal)

  if (opening.type !== 'label' && opening.type !== 'migrate') {
    throw new InvalidFrameError(`Not an opening frame, ${opening.type}`)
  }

  return opening
}

async function readFrame (stream: Stream, signal: AbortSignal): Promise<Frame> {
  const frames = lpStream(stream, { maxDataLength: MAX_HANDSHAKE_SIZE })
  const frame = decode(await frames.read({ signal }))
  frames.unwrap()

  return frame
}
