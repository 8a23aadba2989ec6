import { inspect } from 'node:util'
import { InvalidParametersError } from '@libp2p/interface'
import test from 'ava'
import { checkOptions, checkValue } from '../../src/pipeline/check-options.ts'
import { BOOLEAN, filledListOf, FINITE_MILLISECONDS, FUNCTION, listOf, MILLISECONDS, MULTIADDR, NAME, NUMBER, oneOf, POSITIVE_LIMIT, recordOf, required, WHOLE_NUMBER } from '../../src/pipeline/option-kinds.ts'
import { rejecting } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'

interface Options {
  retries?: number
  persist?: boolean
  when?: 'always' | 'empty'
}

const KINDS = { retries: WHOLE_NUMBER, persist: BOOLEAN, when: oneOf('always', 'empty') }

function check (options: unknown): void {
  checkOptions('made()', options as Options, KINDS)
}

test('checkOptions() accepts valid, absent and undefined options', t => {
  t.notThrows(() => { check({}) })
  t.notThrows(() => { check({ retries: 0, persist: false, when: undefined }) })
  t.notThrows(() => { check(Object.assign(Object.create(null), { retries: 3 })) })
})

test('the error for an option of a wrong type names the owner, the option and the expected type', t => {
  t.throws(() => { check({ retries: '3' }) }, { name: 'InvalidPipelineError', message: "made() needs a whole number, 0 or more as retries, not '3'" })
  t.throws(() => { check({ persist: 1 }) }, { message: 'made() needs true or false as persist, not 1' })
  t.throws(() => { check({ when: 'exhausted' }) }, { message: "made() needs 'always' or 'empty' as when, not 'exhausted'" })
  t.throws(() => { check({ retries: null }) }, { message: /not null/ })
})

test('the error for an unknown option suggests the closest name, or lists all', t => {
  t.throws(() => { check({ persit: true }) }, { message: 'made() has no option "persit": did you mean "persist"? It has: retries, persist, when' })
  t.throws(() => { check({ pesrist: true }) }, { message: /did you mean "persist"/ })
  t.throws(() => { check({ colour: 'red' }) }, { message: 'made() has no option "colour". It has: retries, persist, when' })
  t.throws(() => { check({ colour: undefined }) }, { message: /no option "colour"/ })
})

for (const [what, given] of Object.entries({ null: null, 'a string': 'persist', 'a number': 3, 'an array': ['persist'], 'a Set': new Set(['persist']), 'a Map': new Map([['persist', true]]), 'a promise': Promise.reject(new Error('refused')) })) {
  test(`checkOptions() throws for ${what} instead of options`, t => {
    t.throws(() => { check(given) }, { name: 'InvalidPipelineError', message: /^made\(\) needs an object of options, not / })
  })
}

test('checkOptions() throws for a required option that is absent or undefined', t => {
  for (const options of [{}, { retries: undefined }, undefined]) {
    t.throws(() => { checkOptions('made()', options as Options, { ...KINDS, retries: required(WHOLE_NUMBER) }) }, { message: 'made() needs the option "retries": a whole number, 0 or more' })
  }

  t.notThrows(() => { checkOptions('made()', { retries: 1 }, { ...KINDS, retries: required(WHOLE_NUMBER) }) })
})

test('checkOptions() checks a getter of a class like an option', t => {
  class Init {
    get retries (): number { return -1 }
  }

  t.throws(() => { check(new Init()) }, { message: /as retries, not -1/ })
})

test('the error for a wrong value in a record names its key', t => {
  t.throws(() => { checkValue('made()', { tcp: '1' }, recordOf(NUMBER)) }, { message: "made() needs a number as tcp, not '1'" })
  t.throws(() => { checkOptions('made()', { slots: { tcp: 1, ws: NaN } }, { slots: recordOf(NUMBER) }) }, { message: 'made() needs a number as slots.ws, not NaN' })
})

test('the error for a name instead of an array shows the array to write', t => {
  t.throws(() => { checkValue('made()', 'dht', listOf('sources', NAME)) }, { message: "made() needs an array of sources, not 'dht': write ['dht']" })
})

test('the error for a wrong element of an array names its index', t => {
  for (const [value, kind, message] of [
    [['dht', 3], listOf('sources', NAME), 'made() needs an array of sources, not an array with 3 at index 1'],
    [Object.assign([], { 1: 'dht' }), listOf('sources', NAME), 'made() needs an array of sources, not an array with undefined at index 0'],
    [[Symbol('tier')], listOf('names', NAME), 'made() needs an array of names, not an array with Symbol(tier) at index 0'],
    [['emty'], listOf('whens', oneOf('always', 'empty')), "made() needs an array of whens, not an array with 'emty' at index 0: write 'empty'"],
    [['dht', ''], filledListOf('names', NAME), "made() needs an array of one or more names, not an array with '' at index 1"],
    [[], filledListOf('names', NAME), 'made() needs an array of one or more names, not an empty array'],
    [['/ip4/192.0.2.1/tcp/1'], listOf('multiaddrs', MULTIADDR), "made() needs an array of multiaddrs, not an array with '/ip4/192.0.2.1/tcp/1' at index 0: write multiaddr('/ip4/192.0.2.1/tcp/1')"]
  ] as const) {
    t.throws(() => { checkValue('made()', value, kind) }, { message })
  }
})

test('the error for a single value instead of an array shows the array to write', t => {
  t.throws(() => { checkValue('made()', () => 1, listOf('functions', FUNCTION)) }, { message: 'made() needs an array of functions, not a function: write […]' })
  t.throws(() => { checkValue('made()', 'emty', listOf('whens', oneOf('always', 'empty'))) }, { message: "made() needs an array of whens, not 'emty': write ['empty']" })
})

test('a rejected promise in an invalid array is handled', async t => {
  const unhandled = watchUnhandled(t)
  t.throws(() => { checkValue('made()', [1, rejecting()], listOf('names', NAME)) }, { message: /with 1 at index 0$/ })
  t.deepEqual(await unhandled(), [])
})

test('the error for a misspelt value suggests the closest one', t => {
  t.throws(() => { check({ when: 'emtpy' }) }, { message: "made() needs 'always' or 'empty' as when, not 'emtpy': write 'empty'" })
})

test('checkOptions() throws the error class that its caller passes', t => {
  t.throws(() => { checkOptions('ban()', { retries: NaN }, { retries: WHOLE_NUMBER }, InvalidParametersError) }, { name: 'InvalidParametersError' })
})

for (const [value, kind, isRight] of [
  [0, MILLISECONDS, true], [Infinity, MILLISECONDS, true], [-1, MILLISECONDS, false], [NaN, MILLISECONDS, false], ['1000', MILLISECONDS, false], [1n, MILLISECONDS, false],
  [Infinity, FINITE_MILLISECONDS, false], [0.5, WHOLE_NUMBER, false], [Infinity, WHOLE_NUMBER, false], [0, POSITIVE_LIMIT, false], [Infinity, POSITIVE_LIMIT, true],
  [NaN, NUMBER, false], [-Infinity, NUMBER, true], ['', NAME, false],
  [['a'], listOf('names', NAME), true], ['a', listOf('names', NAME), false], [[1], listOf('names', NAME), false], [new Set(['a']), listOf('names', NAME), false],
  [{ tcp: 1 }, recordOf(NUMBER), true], [[1], recordOf(NUMBER), false], [new Map([['tcp', 1]]), recordOf(NUMBER), false]
] as const) {
  test(`checkValue() ${isRight ? 'accepts' : 'rejecting'} ${inspect(value)} for ${kind.expected}`, t => {
    if (isRight) {
      t.notThrows(() => { checkValue('made()', value, kind) })
    } else {
      t.throws(() => { checkValue('made()', value, kind) }, { message: new RegExp(`^made\\(\\) needs ${kind.expected}, not`) })
    }
  })
}
