import { AbortError, TimeoutError, UnexpectedPeerError } from '@libp2p/interface'
import test from 'ava'
import { DialDeniedError, IncompatibleConnectionManagerError, InvalidPipelineError, InvalidStageOutputError, isFinal, isPipelineFault, isSilence, isWrongPeer, NoValidAddressesError, toError, UnsupportedDialOptionError } from '../../src/pipeline/errors.ts'

test('each error class has its name', t => {
  for (const [name, Made] of Object.entries({ InvalidPipelineError, UnsupportedDialOptionError, DialDeniedError, NoValidAddressesError, IncompatibleConnectionManagerError })) {
    const error = new Made('Because')
    t.is(error.name, name)
    t.is(Made.name, name)
    t.is(error.message, 'Because')
    t.true(error instanceof Error)
  }
})

test('InvalidStageOutputError names the stage', t => {
  const { name, message } = new InvalidStageOutputError('silly', 'yielded nothing')
  t.is(name, 'InvalidStageOutputError')
  t.is(message, 'Stage "silly" yielded nothing')
})

test('toError() returns an Error unchanged', t => {
  const error = new Error('As it is')
  t.is(toError(error), error)
})

test('toError() wraps another value as the cause', t => {
  const event = new Event('error')

  for (const [thrown, message] of [
    [event, 'Rejected with a "error" event'],
    ['words', "Rejected with 'words'"],
    [undefined, 'Rejected with undefined'],
    [null, 'Rejected with null'],
    [{}, 'Rejected with an object with no properties']
  ] as const) {
    const error = toError(thrown)
    t.true(error instanceof Error)
    t.is(error.message, message)
    t.is(error.cause, thrown)
  }
})

for (const part of ['name', 'message', 'stack', 'code', 'cause', 'errors']) {
  test(`toError() wraps an error whose ${part} cannot be read`, t => {
    const odd = Object.defineProperty(new Error('odd'), part, { get: () => { throw new TypeError('it cannot be read') } })

    t.is(toError(odd).cause, odd)
    t.false(isPipelineFault(odd))
  })
}

test('toError() does not format the stack of an error', t => {
  const { prepareStackTrace } = Error
  let formatted = 0
  Error.prepareStackTrace = () => ++formatted

  try {
    toError(new Error('refused'))
    toError(new AbortError())
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }

  t.is(formatted, 0)
})

test('isFinal() is true for errors that a retry cannot change', t => {
  t.true(isFinal(new AbortError()))
  t.true(isFinal(new UnexpectedPeerError()))
  t.true(isFinal(new DialDeniedError('No')))
  t.false(isFinal(new TimeoutError()))
  t.false(isFinal(new Error('connect ECONNREFUSED')))
})

/** Creates an error like libp2p's upgrader: its own name, with the message of the cause */
function upgrade (message: string): Error {
  return Object.assign(new Error(message), { name: 'EncryptionFailedError' })
}

test('isWrongPeer() recognises the error of each handshake', t => {
  for (const error of [
    new UnexpectedPeerError(),
    // noise
    upgrade('Payload identity key 12D3KooWA does not match expected remote identity key 12D3KooWB'),
    // TLS and plaintext
    upgrade(new UnexpectedPeerError().message),
    // QUIC
    new Error('Dialed peer 12D3KooWB but connected to 12D3KooWA')
  ]) {
    t.true(isWrongPeer(error), error.message)
    t.true(isFinal(error), error.message)
  }
})

test('isWrongPeer() and isFinal() are false for other handshake errors', t => {
  for (const error of [upgrade('The operation was aborted'), upgrade('Unexpected EOF'), upgrade('Invalid payload signature'), new Error('Unexpected Peers'), new Error('')]) {
    t.false(isWrongPeer(error), error.message)
    t.false(isFinal(error), error.message)
  }
})

test('isSilence() is true for timeouts, and not for refusals and aborts', t => {
  t.true(isSilence(new TimeoutError()))
  t.true(isSilence(new DOMException('The operation was aborted due to timeout', 'TimeoutError')))
  t.true(['ETIMEDOUT', 'EHOSTDOWN', 'ETIMEOUT'].every(code => isSilence(Object.assign(new Error(`connect ${code}`), { code }))))
  t.false(isSilence(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })))
  t.false(isSilence(new AbortError()))
})

const webSocketEvent = (parts: object): Event => Object.assign(new Event('error'), parts)

for (const [what, parts, message] of [
  ['no reason', { error: new TypeError('') }, 'The WebSocket failed, and does not say why'],
  ['a message', { message: 'connect ECONNREFUSED 127.0.0.1:1' }, 'The WebSocket failed: connect ECONNREFUSED 127.0.0.1:1'],
  ['an error', { error: new Error('connect ECONNREFUSED 127.0.0.1:1') }, 'The WebSocket failed: connect ECONNREFUSED 127.0.0.1:1'],
  ['a code alone', { error: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }) }, 'The WebSocket failed: ECONNREFUSED']
] as const) {
  test(`toError() says why a WebSocket failed: ${what}`, t => {
    const event = Object.defineProperty(webSocketEvent(parts), 'target', { value: { url: 'ws://127.0.0.1:1/' } })
    t.is(toError(event).message, message)
    t.is(toError(event).cause, event)
  })
}
