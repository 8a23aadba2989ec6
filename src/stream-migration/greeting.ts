import { lpStream } from '@libp2p/utils'
import { InvalidFrameError } from './errors.ts'
import { decode, encode } from './frames.ts'
import { MAX_PROTOCOL_SIZE } from './protocol.ts'
import type { Frame } from './frames.ts'
import type { Stream } from '@libp2p/interface'

/** The longest first frame has a type, a number and the name of a protocol */
const MAX_GREETING_SIZE = MAX_PROTOCOL_SIZE + 9

/** What the stream is for, said first by the end that opened it */
export type Greeting = Extract<Frame, { type: 'label' | 'migrate' }>

/** @returns whether the other end agrees */
export async function greet (stream: Stream, greeting: Greeting, signal: AbortSignal): Promise<boolean> {
  const frames = lpStream(stream, { maxDataLength: MAX_GREETING_SIZE })
  stream.send(encode(greeting))

  const answer = decode(await frames.read({ signal }))
  frames.unwrap()

  if (answer.type !== 'answer') {
    throw new InvalidFrameError(`Not an answer, ${answer.type}`)
  }

  return answer.accepted
}

export async function receiveGreeting (stream: Stream, signal: AbortSignal): Promise<Greeting> {
  const frames = lpStream(stream, { maxDataLength: MAX_GREETING_SIZE })
  const greeting = decode(await frames.read({ signal }))
  frames.unwrap()

  if (greeting.type !== 'label' && greeting.type !== 'migrate') {
    throw new InvalidFrameError(`Not a greeting, ${greeting.type}`)
  }

  return greeting
}
