import { TimeoutError } from '@libp2p/interface'
import { codeOf, isSilence, isWrongPeer } from './errors.ts'

/**
 * The cause of a failed attempt
 *
 * - `silent`: there was no response before the timeout
 * - `refused`: the remote refused before there was a connection
 * - `unknown`: it failed without a code, as a WebSocket does on most platforms, or with a code that may mean anything. There may have been an answer or not
 * - `unresolved`: the name has no address, or DNS failed. Counts as `local` unless other names resolve
 * - `handshake`: it failed after the first response
 * - `wrong-peer`: another peer answered
 * - `unreachable`: this machine has no route at the moment. Says nothing about the address
 * - `local`: this node is the cause. Says nothing about the remote
 */
export type Failure = 'silent' | 'refused' | 'unknown' | 'unresolved' | 'handshake' | 'wrong-peer' | 'unreachable' | 'local'

/** The errors that this node creates: it denied the attempt, ended it, or could not make it */
const LOCAL_NAMES = new Set([
  'AbortError',
  'CircularDialError',
  'ConnectionDeniedError',
  'ConnectionInterceptedError',
  'DialDeniedError',
  'InvalidMultiaddrError',
  'InvalidParametersError',
  'NoValidAddressesError',
  'NotStartedError',
  'TransportUnavailableError',
  'UnsupportedOperationError'
])

/** The errors of a bug, or of wrong arguments */
const PROGRAM_NAMES = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

const LOCAL_CODES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EADDRINUSE'])

/** The codes of Linux for a missing (ENETUNREACH), unreachable, prohibited or blackhole (EINVAL) route, and of its own firewall (EPERM) */
const NO_ROUTE = new Set(['ENETUNREACH', 'ENETDOWN', 'EPERM', 'EACCES', 'EINVAL', 'EAFNOSUPPORT'])

/** The codes of an answer of the remote. Other codes than those of this file are unknown: they may come from this machine */
const ANSWERS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EPROTO'])

/** Milliseconds within which this machine itself reports an unreachable host. A router takes a round trip, the neighbour table 3 s: that is silence */
const AT_ONCE = 5

export function failureOf (error: Error, elapsed: number, wasHeard: boolean): Failure {
  // checked before the local errors: the other peer may be this node itself
  if (isWrongPeer(error) || error.name === 'InvalidPeerIdError') {
    return 'wrong-peer'
  }

  const code = codeOf(error)

  if (LOCAL_NAMES.has(error.name) || isOfProgram(error) || (code != null && LOCAL_CODES.has(code))) {
    return 'local'
  }

  if (wasHeard || error.name === 'ConnectionClosedError') {
    return 'handshake'
  }

  if (isSilence({ name: error.name, code })) {
    return 'silent'
  }

  if (code === 'ENOTFOUND' || code?.startsWith('EAI_') === true) {
    return 'unresolved'
  }

  if (code === 'EHOSTUNREACH') {
    return elapsed < AT_ONCE ? 'unreachable' : 'silent'
  }

  return code == null ? 'unknown' : NO_ROUTE.has(code) ? 'unreachable' : ANSWERS.has(code) ? 'refused' : 'unknown'
}

/** Returns whether the timeout of the callers has ended an attempt. The attempt's own TimeoutError is of libp2p's class */
export function isOfCaller (error: Error): boolean {
  return error.name === 'TimeoutError' && !(error instanceof TimeoutError)
}

/** Returns whether a failure is an answer, which proves that the path works */
export function isAnswer (failure: Failure): boolean {
  return failure === 'refused' || failure === 'handshake' || failure === 'wrong-peer'
}

/** Returns whether this machine or its network may be the cause of a failure, which then says nothing about the peer */
export function isOwnFailure (failure: Failure): boolean {
  return failure === 'local' || failure === 'unreachable' || failure === 'unresolved'
}

function isOfProgram ({ name, code }: Error & { code?: unknown }): boolean {
  return PROGRAM_NAMES.has(name) || (typeof code === 'string' && code.startsWith('ERR_INVALID_'))
}
