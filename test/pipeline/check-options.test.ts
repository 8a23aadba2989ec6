import { inspect } from 'node:util'
import { InvalidParametersError } from '@libp2p/interface'
import test from 'ava'
import { checkOptions, checkValue } from '../../src/pipeline/check-options.ts'
import { BOOLEAN, FINITE_MILLISECONDS, listOf, MILLISECONDS, NAME, NUMBER, oneOf, POSITIVE_LIMIT, recordOf, required, WHOLE_NUMBER } from '../../src/pipeline/option-kinds.ts'

interface Options {
  retries?: number
  persist?: boolean
  when?: 'always' | 'empty'
}

const KINDS = { retries: WHOLE_NUMBER, persist: BOOLEAN, when: oneOf('always', 'empty') }

function check (options: unknown): void {
  checkOptions('made()', options as Options, KINDS)
}

test('options of the right kinds, absent ones and undefined pass', t => {
  t.notThrows(() => { check({}) })
  t.notThrows(() => { check({ retries: 0, persist: false, when: undefined }) })
  t.notThrows(() => { check(Object.assign(Object.create(null), { retries: 3 })) })
})

test('a value of another kind is refused with the owner, the option and what it needs', t => {
  t.throws(() => { check({ retries: '3' }) }, { name: 'InvalidPipelineError', message: "made() needs a whole number, 0 or more as retries, not '3'" })
  t.throws(() => { check({ persist: 1 }) }, { message: 'made() needs true or false as persist, not 1' })
  t.throws(() => { check({ when: 'exhausted' }) }, { message: "made() needs 'always' or 'empty' as when, not 'exhausted'" })
  t.throws(() => { check({ retries: null }) }, { message: /not null/ })
})

test('an unknown option is refused, and the one that was probably meant is named', t => {
  t.throws(() => { check({ persit: true }) }, { message: 'made() has no option "persit": did you mean "persist"? It has: retries, persist, when' })
  t.throws(() => { check({ pesrist: true }) }, { message: /did you mean "persist"/ })
  t.throws(() => { check({ colour: 'red' }) }, { message: 'made() has no option "colour". It has: retries, persist, when' })
  t.throws(() => { check({ colour: undefined }) }, { message: /no option "colour"/ })
})

for (const [what, given] of Object.entries({ null: null, 'a string': 'persist', 'a number': 3, 'an array': ['persist'], 'a Set': new Set(['persist']), 'a Map': new Map([['persist', true]]), 'a promise': Promise.reject(new Error('refused')) })) {
  test(`${what} in the place of options is refused`, t => {
    t.throws(() => { check(given) }, { name: 'InvalidPipelineError', message: /^made\(\) needs an object of options, not / })
  })
}

test('an option that is required is refused where it is absent, and undefined is as good as absent', t => {
  for (const options of [{}, { retries: undefined }]) {
    t.throws(() => { checkOptions('made()', options as Options, { ...KINDS, retries: required(WHOLE_NUMBER) }) }, { message: 'made() needs a whole number, 0 or more as retries, not undefined' })
  }

  t.notThrows(() => { checkOptions('made()', { retries: 1 }, { ...KINDS, retries: required(WHOLE_NUMBER) }) })
})

test('a getter of a class is an option like any other', t => {
  class Init {
    get retries (): number { return -1 }
  }

  t.throws(() => { check(new Init()) }, { message: /as retries, not -1/ })
})

test('a wrong value in an object with names of any kind is named', t => {
  t.throws(() => { checkValue('made()', { tcp: '1' }, recordOf(NUMBER)) }, { message: "made() needs a number as tcp, not '1'" })
  t.throws(() => { checkOptions('made()', { slots: { tcp: 1, ws: NaN } }, { slots: recordOf(NUMBER) }) }, { message: 'made() needs a number as slots.ws, not NaN' })
})

test('a name in the place of an array is refused with the array to write', t => {
  t.throws(() => { checkValue('made()', 'dht', listOf('sources', NAME)) }, { message: "made() needs an array of sources, not 'dht': write ['dht']" })
})

test('the class of the error is for the caller to say', t => {
  t.throws(() => { checkOptions('ban()', { retries: NaN }, { retries: WHOLE_NUMBER }, InvalidParametersError) }, { name: 'InvalidParametersError' })
})

for (const [value, kind, isRight] of [
  [0, MILLISECONDS, true], [Infinity, MILLISECONDS, true], [-1, MILLISECONDS, false], [NaN, MILLISECONDS, false], ['1000', MILLISECONDS, false], [1n, MILLISECONDS, false],
  [Infinity, FINITE_MILLISECONDS, false], [0.5, WHOLE_NUMBER, false], [Infinity, WHOLE_NUMBER, false], [0, POSITIVE_LIMIT, false], [Infinity, POSITIVE_LIMIT, true],
  [NaN, NUMBER, false], [-Infinity, NUMBER, true], ['', NAME, false],
  [['a'], listOf('names', NAME), true], ['a', listOf('names', NAME), false], [[1], listOf('names', NAME), false], [new Set(['a']), listOf('names', NAME), false],
  [{ tcp: 1 }, recordOf(NUMBER), true], [[1], recordOf(NUMBER), false], [new Map([['tcp', 1]]), recordOf(NUMBER), false]
] as const) {
  test(`${inspect(value)} is ${isRight ? 'taken' : 'refused'} where ${kind.expected} is needed`, t => {
    if (isRight) {
      t.notThrows(() => { checkValue('made()', value, kind) })
    } else {
      t.throws(() => { checkValue('made()', value, kind) }, { message: new RegExp(`^made\\(\\) needs ${kind.expected}, not`) })
    }
  })
}
