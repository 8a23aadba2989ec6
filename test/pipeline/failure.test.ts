import { AbortError, ConnectionClosedError, TimeoutError, UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { failureOf } from '../../src/pipeline/failure.ts'
import { systemError } from '../history/learning.ts'
import type { Failure } from '../../src/pipeline/failure.ts'

const named = (name: string, message = 'x'): Error => Object.assign(new Error(message), { name })
const NOISE = 'Payload identity key A does not match expected remote identity key B'

type Case = [Failure, Error, number, boolean]

const cases: Case[] = [
  ['silent', new TimeoutError('No connection'), 6_000, false],
  ['silent', new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 6_000, false],
  ['silent', systemError('ETIMEDOUT'), 130_000, false],
  ['refused', systemError('ECONNREFUSED'), 40, false],
  ['silent', systemError('EHOSTUNREACH'), 5, false],
  ['silent', systemError('EHOSTDOWN'), 100, false],
  ['silent', systemError('ETIMEOUT'), 5_000, false],
  ['refused', systemError('ECONNRESET'), 40, false],
  ['refused', systemError('EPIPE'), 40, false],
  ['refused', systemError('EPROTO'), 40, false],
  ...['ENETRESET', 'ENONET', 'ENODEV', 'ENOTSUP', 'EPROTONOSUPPORT', 'EBADF', 'ECANCELED', 'ENOSYS', 'ESERVFAIL', 'ECONNABORTED'].map((code): Case => ['unknown', systemError(code), 40, false]),
  ['unknown', new Error('what nobody has heard of'), 40, false],
  ['unknown', new Error('Rejected with a "error" event', { cause: { type: 'error', error: new TypeError('') } }), 1, false],
  ['unknown', Object.assign(new Error('QUIC'), { code: 'GenericFailure' }), 40, false],
  ['unreachable', systemError('EHOSTUNREACH'), 4.9, false],
  ['unreachable', systemError('ENETUNREACH'), 0.4, false],
  ['unreachable', systemError('EACCES'), 0.4, false],
  ['unreachable', systemError('EPERM'), 0.4, false],
  ['unreachable', systemError('EINVAL'), 0.4, false],
  ['unresolved', systemError('ENOTFOUND'), 1, false],
  ['unresolved', systemError('EAI_AGAIN'), 5_000, false],
  ['unresolved', systemError('EAI_NODATA'), 1, false],
  ['handshake', systemError('ECONNRESET'), 80, true],
  ['handshake', new TimeoutError('No connection'), 6_000, true],
  ['handshake', new ConnectionClosedError('Remote closed connection during opening'), 40, false],
  ['handshake', named('EncryptionFailedError', 'unexpected end of input'), 80, true],
  ['wrong-peer', new UnexpectedPeerError(NOISE), 80, true],
  ['wrong-peer', named('EncryptionFailedError', NOISE), 80, true],
  ['wrong-peer', named('EncryptionFailedError', 'Unexpected Peer'), 80, true],
  ['wrong-peer', named('InvalidPeerIdError', 'Can not dial self'), 80, true],
  ['local', systemError('EMFILE'), 0, false],
  ['local', systemError('ENFILE'), 0, false],
  ['local', systemError('ENOBUFS'), 0, false],
  ['local', systemError('EADDRNOTAVAIL'), 0, false],
  ['local', named('DialDeniedError'), 0, false],
  ['local', named('ConnectionInterceptedError'), 80, true],
  ['local', named('TransportUnavailableError'), 0, false],
  ['local', named('NoValidAddressesError'), 0, false],
  ['local', named('CircularDialError'), 0, false],
  ['local', new TypeError('The "options.path" property must be of type string'), 0, false],
  ['local', new RangeError('Port should be >= 0 and < 65536'), 0, false],
  ['local', new ReferenceError('x is not defined'), 0, false],
  ['local', Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_VALUE' }), 0, false],
  ['local', new AbortError('The dialer was stopped'), 80, true]
]

for (const [failure, error, elapsed, wasHeard] of cases) {
  test(`failureOf() is ${failure}: ${error.name} ${error.message} after ${elapsed} ms${wasHeard ? ', heard' : ''}`, t => {
    t.is(failureOf(error, elapsed, wasHeard), failure)
  })
}
