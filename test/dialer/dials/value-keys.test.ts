import { inspect } from 'node:util'
import test from 'ava'
import { ValueKeys } from '../../../src/dialer/dials/pipelines.ts'
import { filter } from '../../../src/pipeline/index.ts'

const keys = new ValueKeys()
const keyOf = (value: unknown): string => keys.of(value).key
const circular: Record<string, unknown> = {}
circular.self = circular
class Policy { readonly tier = 1 }
const deep = Array.from({ length: 50 }).reduce<unknown>(inner => ({ inner }), 1)

for (const make of [
  () => 'gold', () => 1, () => NaN, () => null, () => true, () => 10n, () => undefined, () => ({}), () => [],
  () => ({ include: ['user', 'certified'], most: { tries: 3, cost: 5n } }),
  () => Object.assign(Object.create(null), { tier: 1 }),
  () => [1, [2, [3, { four: null }]]],
  () => Symbol.for('shared')
]) {
  test(`two equal values have the same key: ${inspect(make())}`, t => {
    t.is(keyOf(make()), keyOf(make()))
  })
}

test('the order of an object\'s keys does not change its key', t => {
  t.is(keyOf({ a: 1, b: 2 }), keyOf({ b: 2, a: 1 }))
})

for (const make of [
  () => new Set(['a']), () => new Map(), () => () => {}, () => Symbol('x'), () => new Date(0), () => new Policy(), () => Promise.resolve(1),
  () => ({ check: () => true }), () => [new Set()], () => ({ get tier () { return 1 } }), () => ({ [Symbol('x')]: 1 }), () => Object.assign([1], { extra: 1 }), () => [, 1], // eslint-disable-line no-sparse-arrays
  () => Array.from({ length: 2_000 }, () => 1),
  () => filter('by-tier', () => true), () => ({ above: filter('by-tier', () => true) })
]) {
  test(`two equal values have different keys: ${inspect(make()).slice(0, 60)}`, t => {
    t.not(keyOf(make()), keyOf(make()))
  })
}

for (const value of [new Set(['a']), () => {}, circular, deep, new Policy(), [new Set()], filter('by-tier', () => true)]) {
  test(`a value has the same key as itself: ${inspect(value)}`, t => {
    t.is(keyOf(value), keyOf(value))
    t.is(keys.of(value).value, value)
  })
}

test('values of different types and shapes have different keys', t => {
  const values = ['1', 1, 1n, [1], ['1'], { 0: 1 }, { 0: '1' }, [[1]], [1, 1], '[1]', '1n', true, 'true', null, 'null', undefined, 'undefined', NaN, 0, '', [], {}, [null], [undefined], '#1', { a: { b: 1 } }, { a: 1, b: 1 }, { 'a":1,"b': 1 }, Infinity]
  t.is(new Set(values.map(keyOf)).size, values.length)
})

test('plain data is copied and frozen deeply', t => {
  const passed = { include: ['certified'] }
  const { value } = keys.of(passed) as { value: typeof passed }
  passed.include.push('user')

  t.deepEqual(value, { include: ['certified'] })
  t.true(Object.isFrozen(value))
  t.true(Object.isFrozen(value.include))
})

test('a key "__proto__" is treated as data', t => {
  const { value } = keys.of(JSON.parse('{"__proto__":{"tier":1}}'))
  t.deepEqual(Object.keys(value as object), ['__proto__'])
  t.is(Object.getPrototypeOf(value), Object.prototype)
})

/** Wraps a value to count how often its keys are listed and its properties read */
function watched<T extends object> (value: T): { value: T, seen: { keys: number, properties: number } } {
  const seen = { keys: 0, properties: 0 }

  return {
    seen,
    value: new Proxy(value, {
      ownKeys: one => {
        seen.keys++

        return Reflect.ownKeys(one)
      },
      getOwnPropertyDescriptor: (one, key) => {
        seen.properties++

        return Reflect.getOwnPropertyDescriptor(one, key)
      }
    })
  }
}

for (const large of [Array.from({ length: 1_000 }), new Uint8Array(1_000), new Set([1])]) {
  test(`the keys of ${inspect(large).slice(0, 20)}, which is compared by identity, are not listed`, t => {
    const { value, seen } = watched<object>(large)

    t.is(keys.of(value).value, value)
    t.is(seen.keys, 0)
  })
}

test('an object with 1,000 keys is compared by identity, and its properties are not read', t => {
  const { value, seen } = watched(Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i, i])))

  t.is(keys.of(value).value, value)
  t.is(seen.properties, 0)
})

test('an array of 999 values is compared by value, and one of 1,000 by identity', t => {
  const of = (length: number): string => keyOf(Array.from({ length }, () => 1))

  t.is(of(999), of(999))
  t.not(of(1_000), of(1_000))
})
