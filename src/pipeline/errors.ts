import { describeValue } from './describe-value.ts'
import { ownMessageOf } from './explain-error.ts'

/** An error that is told by its name. The names are text, because bundlers rename classes */
class NamedError extends Error {
  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** A pipeline's stages do not fit. Every fault is listed, with the stage and its position */
export class InvalidPipelineError extends NamedError {
  static override name = 'InvalidPipelineError'
}

/** A stage gave something that cannot be used. The message names the stage */
export class InvalidStageOutputError extends NamedError {
  static override name = 'InvalidStageOutputError'

  constructor (stage: string, what: string, options?: ErrorOptions) {
    super(`Stage "${stage}" ${what}`, options)
  }
}

/** A per-dial option was passed that no stage of the pipeline reads */
export class UnsupportedDialOptionError extends NamedError {
  static override name = 'UnsupportedDialOptionError'
}

/** The connection gater refused; libp2p has an error of this name but does not export it */
export class DialDeniedError extends NamedError {
  static override name = 'DialDeniedError'
}

/** There was nothing to dial; libp2p has an error of this name but does not export it */
export class NoValidAddressesError extends NamedError {
  static override name = 'NoValidAddressesError'
}

/** A relay's dial would wait for a dial that itself waits for the relay. Says nothing of the address */
export class CircularDialError extends NamedError {
  static override name = 'CircularDialError'

  constructor (peer = 'an unknown peer') {
    super(`Cannot dial ${peer} on behalf of another dial: that is made for a dial of the same peer, or for too many others (relays that lead to one another)`)
  }
}

/** A connection was established, and its peer is not what was wanted. The cause: the check failed, or took too long */
export class VerificationError extends NamedError {
  static override name = 'VerificationError'
}

/** The node's connection manager cannot be given another dialer */
export class IncompatibleConnectionManagerError extends NamedError {
  static override name = 'IncompatibleConnectionManagerError'
}

/** Some transports reject with what is not an Error (a browser's WebSocket with an Event), or with one that cannot be read */
export function toError (thrown: unknown): Error {
  return isReadableError(thrown) ? thrown : new Error(`Rejected with ${describeValue(thrown)}`, { cause: thrown })
}

function isReadableError (thrown: unknown): thrown is Error {
  try {
    const { name, message, stack, code, cause, errors } = thrown as Record<string, unknown>
    void [stack, code, cause, errors]

    return thrown instanceof Error && typeof name === 'string' && typeof message === 'string'
  } catch {
    return false
  }
}

/** A stage, or what was passed to it, is not understood: the dial ends with it, where another error would cost one address only */
export function isPipelineFault (thrown: unknown): boolean {
  return ['InvalidStageOutputError', 'InvalidPipelineError', 'UnsupportedDialOptionError'].includes(toError(thrown).name)
}

const FINAL = new Set([
  'AbortError',
  'CircularDialError',
  'ConnectionInterceptedError',
  'DialDeniedError',
  'InvalidMultiaddrError',
  'InvalidParametersError',
  'InvalidPeerIdError',
  'NoValidAddressesError',
  'TransportUnavailableError',
  'UnexpectedPeerError',
  'UnsupportedOperationError'
])

/** Trying again cannot help: the gater, the wrong peer, a check that said no, an abort, a missing transport */
export function isFinal (error: Error): boolean {
  return FINAL.has(error.name) || (error.name === 'VerificationError' && error.cause == null) || isWrongPeer(error)
}

/** Of libp2p's upgrader, which keeps the message of a failed handshake and nothing else */
const WRONG_PEER = /^(Payload identity key \S+ does not match expected remote identity key|Unexpected Peer$|Dialed peer \S+ but connected to )/

/** Another peer than the expected one answered: the words are those of noise, of TLS and plaintext, and of QUIC */
export function isWrongPeer (error: Error): boolean {
  return error.name === 'UnexpectedPeerError' || WRONG_PEER.test(ownMessageOf(error))
}

/** Nothing was heard until it was given up. A refusal is an answer */
export function isSilence ({ name, code }: Error & { code?: unknown }): boolean {
  return name === 'TimeoutError' || code === 'ETIMEDOUT'
}

/** The names of the stages that have thrown an Error. Callers may test for that, so that it is passed on as it is */
const throwers = new WeakMap<Error, string>()

/** What a stage has thrown. What is no Error says nothing of where it was thrown: it is wrapped, with the name of the stage */
export function toStageError (stage: string, thrown: unknown): Error {
  if (!(thrown instanceof Error)) {
    return new InvalidStageOutputError(stage, `threw ${describeValue(thrown)}`, { cause: thrown })
  }

  // who passes on what a stage above has thrown has not thrown it
  if (!throwers.has(thrown)) {
    throwers.set(thrown, stage)
  }

  return thrown
}

/** The name of the stage that has thrown an error. Undefined: none has, or the error itself says it */
export function throwerOf (error: Error): string | undefined {
  return isPipelineFault(error) ? undefined : throwers.get(error)
}
