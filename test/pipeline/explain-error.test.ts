import test from 'ava'
import { explainError, ownMessageOf } from '../../src/pipeline/errors.ts'

test('explainError() appends words to the message and to the printed stack, and keeps the frames', t => {
  const error = new TypeError('refused')
  const frames = error.stack?.split('\n').slice(1)
  error.message = 'refused twice'
  explainError(error, ['tcp', 'the second'])

  t.is(error.message, 'refused twice (tcp; the second)')
  t.deepEqual(error.stack?.split('\n'), ['TypeError: refused twice (tcp; the second)', ...frames ?? []])
  t.is(ownMessageOf(error), 'refused twice')
  t.false(Object.keys(error).includes('message'))
})

test('explainError() appends once, and nothing without words', t => {
  const error = new Error('refused')
  explainError(error, [])
  t.is(error.message, 'refused')
  explainError(error, ['first'])
  explainError(error, ['second'])
  t.is(error.message, 'refused (first)')
})

test('explainError() changes only the message of an error without frames, and nothing of a frozen or unreadable one', t => {
  const bare = Object.assign(new Error('refused'), { stack: undefined })
  explainError(bare, ['tcp'])
  t.deepEqual([bare.message, bare.stack], ['refused (tcp)', undefined])

  const frozen = Object.freeze(new Error('refused'))
  const { stack } = frozen
  explainError(frozen, ['tcp'])
  t.deepEqual([frozen.message, frozen.stack], ['refused', stack])

  const unreadable = Object.defineProperty(new Error('refused'), 'message', { get: () => { throw new Error('unreadable') } })
  t.notThrows(() => { explainError(unreadable, ['tcp']) })
})
