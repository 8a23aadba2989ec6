import test from 'ava'
import { codeOf } from '../../src/pipeline/errors.ts'
import { systemError } from '../history/learning.ts'

test('codeOf() finds a code in a cause, in an event, and in one of several errors', t => {
  t.is(codeOf(new Error('x', { cause: systemError('ENETUNREACH') })), 'ENETUNREACH')
  t.is(codeOf(new Error('Rejected with a "error" event', { cause: { type: 'error', error: systemError('ECONNREFUSED') } })), 'ECONNREFUSED')
  t.is(codeOf(new AggregateError([systemError('ECONNREFUSED'), systemError('ENETUNREACH')])), 'ECONNREFUSED')
  t.is(codeOf(Object.assign(new Error('x'), { code: 'EAI_AGAIN' })), 'EAI_AGAIN')
  t.is(codeOf(Object.assign(new Error('x'), { code: 'ERR_SOMETHING' })), undefined)
  t.is(codeOf(undefined), undefined)
})

test('codeOf() of an error that is its own cause is undefined', t => {
  const error = new Error('x')
  error.cause = error

  t.is(codeOf(error), undefined)
})

test('codeOf() finds a code up to three levels deep in causes, and in the first of several errors', t => {
  const cause = (depth: number): unknown => depth === 0 ? { code: 'ECONNRESET' } : { cause: cause(depth - 1) }
  t.deepEqual([0, 1, 2, 3].map(depth => codeOf(cause(depth))), ['ECONNRESET', 'ECONNRESET', 'ECONNRESET', undefined])
  t.is(codeOf({ errors: [{ code: 'ECONNREFUSED' }, { code: 'ECONNRESET' }] }), 'ECONNREFUSED')
  t.is(codeOf({ errors: [{ cause: { code: 'ECONNREFUSED' } }] }), 'ECONNREFUSED')
  t.is(codeOf({ errors: [{}, { code: 'ECONNRESET' }] }), undefined)
  t.deepEqual([null, undefined, 'ECONNRESET', 7].map(thrown => codeOf(thrown)), [undefined, undefined, undefined, undefined])
})
