import test from 'ava'
import standIn, { runDeclared } from './ava.ts'
import { isAlike, isEqual } from './equality.ts'
import type { Assertions } from './assertions.ts'

const error = Object.assign(new TypeError('wrong'), { code: 'E' })

const RIGHT: Array<(t: Assertions) => unknown> = [
  t => { t.pass() },
  t => t.true(true),
  t => t.is(NaN, NaN),
  t => t.deepEqual({ a: [1, new Map([[1, { b: 2 }]])] }, { a: [1, new Map([[1, { b: 2 }]])] }),
  t => t.like({ a: [1], b: 2 }, { a: [1] }),
  t => t.throws(() => { throw error }, { name: 'TypeError', message: /wro/, instanceOf: TypeError, code: 'E' }),
  async t => t.throwsAsync(Promise.reject(error), { message: 'wrong' })
]

const WRONG: Array<(t: Assertions) => unknown> = [
  () => {},
  t => t.fail(),
  t => t.true(1),
  t => t.false(0),
  t => t.is(0, -0),
  t => t.not(1, 1),
  t => t.deepEqual([1, undefined], [1]),
  t => t.notDeepEqual({ a: 1 }, { a: 1 }),
  t => t.like({ a: 1 }, { a: 2 }),
  t => t.regex('text', /other/),
  t => t.throws(() => {}),
  t => t.throws(() => { throw error }, { message: 'other' }),
  t => t.throws(() => { throw error }, { name: 'RangeError' }),
  t => t.throws(() => { throw error }, { instanceOf: RangeError }),
  t => t.throws(() => { throw error }, { code: 'F' }),
  t => t.notThrows(() => { throw error }),
  async t => t.throwsAsync(Promise.resolve()),
  async t => t.notThrowsAsync(Promise.reject(error))
]

test.serial('the stand-in for ava passes correct bodies and fails wrong ones and those without assertions', async t => {
  ;[...RIGHT, ...WRONG].forEach((body, i) => { standIn(`${i}`, body) })
  const outcomes = await runDeclared()
  t.deepEqual(outcomes.slice(0, RIGHT.length).map(({ error }) => error), RIGHT.map(() => undefined))
  t.deepEqual(outcomes.slice(RIGHT.length).filter(({ error }) => error == null), [])
  t.is(outcomes.length, RIGHT.length + WRONG.length)
  t.deepEqual(await runDeclared(), [])
})

test.serial('the stand-in for ava runs teardowns in reverse order, also when the test fails', async t => {
  const torn: number[] = []
  standIn('fails', one => {
    one.teardown(() => torn.push(1))
    one.teardown(() => torn.push(2))
    one.true(false)
  })
  await runDeclared()
  t.deepEqual(torn, [2, 1])
})

test('the stand-in for ava compares values as ava does', t => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop

  for (const [one, other] of [[{ a: undefined }, {}], [[1, 2], [2, 1]], [new Set([1, 2]), new Set([2, 1])], [new Date(1), new Date(2)], [error, new TypeError('other')], [Object.create(null), {}], [new Uint8Array([1]), new Uint8Array([2])], [1n, 2n], [() => {}, () => {}], [null, undefined], [[], {}]] as const) {
    t.false(isEqual(one, other))
    t.false(isEqual(other, one))
    t.true(isEqual(one, one))
  }

  t.true(isEqual(loop, loop))
  t.true(isEqual(new Uint8Array([1, 2]), new Uint8Array([1, 2])))
  t.true(isAlike({ a: { b: 1, c: 2 } }, { a: { b: 1 } }))
  t.false(isAlike(undefined, { a: 1 }))
})
