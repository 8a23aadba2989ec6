import test from 'ava'
import { Turns, turnsOf } from '../../src/address-book/turns.ts'

test('turnsOf() returns the same turns for a peer store and for objects that inherit from it', t => {
  const store = {}
  const turns = turnsOf(store)
  t.is(turnsOf(store), turns)
  t.is(turnsOf(Object.create(store)), turns)
  t.not(turnsOf({}), turns)
  t.deepEqual(Object.keys(store), [])
  t.true(turnsOf(Object.freeze({})) instanceof Turns)
})

test('turns of one key run one after another, also after a failure, and turns of another key run concurrently', async t => {
  const turns = new Turns()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.take('a', async () => { await gate.promise; done.push('first'); throw new Error('broken') })
  const second = turns.take('a', async () => { done.push('second') })
  await turns.take('b', async () => { done.push('other') })
  gate.resolve()
  await t.throwsAsync(first, { message: 'broken' })
  await second
  t.deepEqual(done, ['other', 'first', 'second'])
})

test('after() runs when the taken turns are over, and synchronously when there are none', async t => {
  const turns = new Turns()
  const done: string[] = []
  void turns.after('a', undefined, async () => { done.push('at once') })
  t.deepEqual(done, ['at once'])
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]

  const taken = gates.map(async ({ promise }, i) => turns.take('a', async () => { await promise; done.push(`turn ${i}`) }))
  const after = turns.after('a', undefined, async () => { done.push('after') })
  const aborted = turns.after('a', AbortSignal.abort(new Error('too late')), async () => { done.push('aborted') })
  await t.throwsAsync(aborted, { message: 'too late' })
  gates.forEach(({ resolve }) => { resolve() })
  await Promise.all([...taken, after])
  t.deepEqual(done, ['at once', 'turn 0', 'turn 1', 'after'])
  void turns.after('a', undefined, async () => { done.push('at once again') })
  t.is(done.at(-1), 'at once again')
})

test('after() runs although new turns are taken without end', async t => {
  const turns = new Turns()
  let count = 0
  let isOver = false
  const next = async (): Promise<void> => {
    await turns.take('a', async () => {
      await Promise.resolve()
      count++

      if (!isOver) {
        void next()
      }
    })
  }
  const endless = next()
  await turns.after('a', undefined, async () => { isOver = true })
  await endless
  t.true(count > 1 && count < 1_000, `${count} turns`)
})
