import test from 'ava'
import { poll, until } from './until.ts'

const FIVE = (n: number): boolean => n === 5

/** Returns a function that counts its calls */
function counter (): () => number {
  let calls = 0

  return () => ++calls
}

test('until() returns the first answer that is accepted', async t => {
  t.is(await until(counter(), FIVE), 5)
})

test('until() throws with the last answer when none is accepted in time', async t => {
  await t.throwsAsync(until(() => [3], () => false, 20), { message: 'Still [ 3 ] after 20 ms' })
})

test('poll() returns the last answer when none is accepted in time', async t => {
  t.is(await poll(() => 3, FIVE, 20), 3)
})
