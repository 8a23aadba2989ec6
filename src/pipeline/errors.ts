import { describeValue } from './describe-value.ts'
import { safeText } from './safe-text.ts'

/** The base of errors that are told apart by name. The names are strings because bundlers rename classes */
class NamedError extends Error {
  constructor (message: string, options?: ErrorOptions) {
    // addresses of other peers may contain control codes of terminals
    super(safeText(message, Infinity), options)
    this.name = new.target.name
  }
}

/** Thrown for stages that do not fit together, and for wrong arguments of a stage. The message lists every fault with stage and position */
export class InvalidPipelineError extends NamedError {
  static override name = 'InvalidPipelineError'
}

/** Thrown when a stage answers with something unusable. The message names the stage */
export class InvalidStageOutputError extends NamedError {
  static override name = 'InvalidStageOutputError'

  constructor (stage: string, what: string, options?: ErrorOptions) {
    super(`Stage "${stage}" ${what}`, options)
  }
}

/** Thrown for a dial option that no stage of the pipeline reads, and for a misspelt one */
export class UnsupportedDialOptionError extends NamedError {
  static override name = 'UnsupportedDialOptionError'
}

/** Thrown when the connection gater or a ban denies a dial. libp2p has an error of this name but does not export it */
export class DialDeniedError extends NamedError {
  static override name = 'DialDeniedError'
}

/** Thrown when a dial has no address to attempt. libp2p has an error of this name but does not export it */
export class NoValidAddressesError extends NamedError {
  static override name = 'NoValidAddressesError'
}

/** Thrown when the dial of a relay would wait for itself, or one dial needs too many others. The error says nothing about the address */
export class CircularDialError extends NamedError {
  static override name = 'CircularDialError'

  constructor (peer = 'an unknown peer') {
    super(`Cannot dial ${peer} on behalf of another dial: that is made for a dial of the same peer, or for too many others (relays that lead to one another)`)
  }
}

/** Thrown when a check refuses an established connection. With a cause: the check failed, or took too long */
export class VerificationError extends NamedError {
  static override name = 'VerificationError'
}

/** Thrown when the node's connection manager does not accept another dialer */
export class IncompatibleConnectionManagerError extends NamedError {
  static override name = 'IncompatibleConnectionManagerError'
}

/** Returns what was thrown as an Error. Some transports reject with something else (a browser's WebSocket with an Event), or with an unreadable error */
export function toError (thrown: unknown): Error {
  return isReadableError(thrown) ? thrown : new Error(webSocketFailure(thrown) ?? `Rejected with ${describeValue(thrown)}`, { cause: thrown })
}

/** Returns the failure of a WebSocket in words. Undefined: the value is no event of a WebSocket. Most platforms hide the reason from pages */
function webSocketFailure (thrown: unknown): string | undefined {
  try {
    const { message, error, target } = thrown as { message?: unknown, error?: { message?: unknown } | null, target?: { url?: unknown } | null }

    if (typeof target?.url === 'string') {
      const reason = [message, error?.message, codeOf(error)].find(one => typeof one === 'string' && one !== '')

      return reason == null ? 'The WebSocket failed, and does not say why' : `The WebSocket failed: ${String(reason)}`
    }
  } catch {
    // an event that cannot be read is described like any other value
  }
}

/** The getter of the engine for stacks, which never throws. Undefined where a stack is another kind of property */
const engineStack = stackGetterOf(new Error('for its getter'))

function isReadableError (thrown: unknown): thrown is Error {
  try {
    const { name, message, code, cause, errors } = thrown as Record<string, unknown>
    void [code, cause, errors]

    // reading the stack of the engine formats it, which takes longer than the rest of a failed attempt
    if (engineStack == null || stackGetterOf(thrown) !== engineStack) {
      void (thrown as Error).stack
    }

    return thrown instanceof Error && typeof name === 'string' && typeof message === 'string'
  } catch {
    return false
  }
}

function stackGetterOf (error: unknown): unknown {
  return Reflect.get(Object.getOwnPropertyDescriptor(error, 'stack') ?? {}, 'get')
}

/** Returns whether an error means that a stage or its arguments are wrong. Such an error ends the dial, where others cost one address */
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

/** Returns whether another attempt cannot succeed, as after a denial, a wrong peer, a refused check, an abort or a missing transport */
export function isFinal (error: Error): boolean {
  return FINAL.has(error.name) || (error.name === 'VerificationError' && error.cause == null) || isWrongPeer(error)
}

// the message has to tell, because libp2p's upgrader keeps nothing else of a failed handshake
const WRONG_PEER = /^(Payload identity key \S+ does not match expected remote identity key|Unexpected Peer$|Dialed peer \S+ but connected to )/

/** Returns whether another peer than the expected one answered, by the messages of noise, TLS, plaintext and QUIC */
export function isWrongPeer (error: Error): boolean {
  return error.name === 'UnexpectedPeerError' || WRONG_PEER.test(ownMessageOf(error))
}

/** The codes of a missing answer: of TCP, of the link (macOS), and of DNS */
const SILENCE = new Set<unknown>(['ETIMEDOUT', 'EHOSTDOWN', 'ETIMEOUT'])

/** Returns whether an attempt timed out without an answer. A refusal is an answer */
export function isSilence ({ name, code }: Pick<Error, 'name'> & { code?: unknown }): boolean {
  return name === 'TimeoutError' || SILENCE.has(code)
}

/** The stage that threw each Error. Errors are not wrapped, because callers may test for them */
const throwers = new WeakMap<Error, string>()

/** Returns an error of a stage as it is, and records the stage. Anything that is not an Error is wrapped with the name of the stage */
export function toStageError (stage: string, thrown: unknown): Error {
  if (!(thrown instanceof Error)) {
    return new InvalidStageOutputError(stage, `threw ${describeValue(thrown)}`, { cause: thrown })
  }

  // a stage that passes on an error of another stage has not thrown it
  if (!throwers.has(thrown)) {
    throwers.set(thrown, stage)
  }

  return thrown
}

/** Returns the name of the stage that threw an error. Undefined: no stage did, or the message names it already */
export function throwerOf (error: Error): string | undefined {
  return isPipelineFault(error) ? undefined : throwers.get(error)
}

/** Returns the system's error code of an error, of its cause, or of the event that a WebSocket rejects with */
export function codeOf (thrown: unknown, depth: number = 3): string | undefined {
  if (depth === 0) {
    return
  }

  try {
    const { code, cause, error, errors } = (thrown ?? {}) as { code?: unknown, cause?: unknown, error?: unknown, errors?: unknown }

    if (typeof code === 'string' && /^E(AI_)?[A-Z]+$/.test(code)) {
      return code
    }

    return codeOf(cause, depth - 1) ?? codeOf(error, depth - 1) ?? (Array.isArray(errors) ? codeOf(errors[0], depth - 1) : undefined)
  } catch {
    // the error of a transport may have getters that throw
    return undefined
  }
}

const explained = new WeakMap<Error, string>()

/**
 * Appends words in brackets to the message of an error. The caller of a dial gets the error object itself, as from libp2p's own dialer. If
 * several dials fail with the same error, only the first one appends
 */
export function explainError (error: Error, words: readonly string[]): void {
  if (words.length === 0 || explained.has(error)) {
    return
  }

  try {
    addWords(error, words.join('; '))
  } catch {
    // an error that cannot be read or changed stays as it is
  }
}

function addWords (error: Error, words: string): void {
  const { name, message, stack } = error
  const longer = `${message} (${words})`
  explained.set(error, message)
  replace(error, 'message', longer)

  // V8 copied the message into the stack when the error was made, and consoles print the stack. The message may have changed since
  const frames = /\n\s+at /.exec(stack ?? '')

  if (stack != null && frames != null) {
    replace(error, 'stack', `${name}: ${longer}${stack.slice(frames.index)}`)
  }
}

export function ownMessageOf (error: Error): string {
  return explained.get(error) ?? error.message
}

function replace (error: Error, name: 'message' | 'stack', value: string): void {
  Reflect.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false })
}
