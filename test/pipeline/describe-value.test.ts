import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { describeValue, ignoreRejections } from '../../src/pipeline/describe-value.ts'
import { PEER } from '../../src/testing/compliance/samples.ts'
import { rejecting, rejectingThenable, unreadableThenable } from '../helpers/thenable.ts'
import { watchUnhandled } from '../helpers/unhandled.ts'

for (const [value, words] of [
  [undefined, 'undefined'],
  [null, 'null'],
  ['words', "'words'"],
  [Number.NaN, 'NaN'],
  [7n, '7'],
  [Symbol('one'), 'Symbol(one)'],
  [() => 'its source', 'a function'],
  [new Event('error'), 'a "error" event'],
  [multiaddr('/ip4/192.0.2.1/tcp/1'), '/ip4/192.0.2.1/tcp/1'],
  [PEER, PEER.toString()],
  [new Set([1]), 'a Set'],
  [new Map(), 'a Map'],
  ['5', "'5'"],
  ['203.0.113.0/24\r', "'203.0.113.0/24\\r'"],
  [new AbortController(), 'an AbortController'],
  [(function * () {})(), 'a Generator'],
  [[], 'an empty array'],
  [[1, 2], 'an array of 2'],
  [{}, 'an object with no properties'],
  [{ kind: 'target', revision: 1 }, 'an object with kind, revision'],
  [Object.fromEntries('abcdefghijk'.split('').map(key => [key, 1])), 'an object with a, b, c, d, e, f, g, h, …'],
  ['x'.repeat(1_000), `'${'x'.repeat(255)}…`]
] as const) {
  test(`describeValue() says "${words.slice(0, 60)}"`, t => {
    t.is(describeValue(value), words)
  })
}

for (const [value, words] of [
  [rejecting, 'a promise'],
  [rejectingThenable, 'a promise'],
  [() => [1, rejecting(), rejecting()], 'an array with promises'],
  [() => Array.from({ length: 1_024 }, rejecting), 'an array with promises'],
  [() => ({ kind: 'candidates', candidates: rejecting() }), 'an object with kind, candidates']
] as const) {
  test(`describeValue() says "${words}" of ${value.toString().slice(0, 70)}, and handles its rejection`, async t => {
    const unhandled = watchUnhandled(t)
    t.is(describeValue(value()), words)
    t.deepEqual(await unhandled(), [])
  })
}

test('ignoreRejections() handles rejections beside a `then` that throws', async t => {
  const unhandled = watchUnhandled(t)
  ignoreRejections([unreadableThenable(), rejecting()])
  t.deepEqual(await unhandled(), [])
})

for (const [what, value] of [
  ['a `then` that throws', unreadableThenable()],
  ['a `toString` that throws', { toString () { throw new Error('no text') } }],
  ['a `toString` that returns an object', { toString: () => ({}) }],
  ['a `type` without text', { type: Object.create(null) }],
  ['an object without a prototype', Object.create(null)],
  ['a proxy that refuses everything', new Proxy({}, Object.fromEntries(['get', 'has', 'ownKeys', 'getPrototypeOf'].map(trap => [trap, () => { throw new Error(trap) }])))],
  ['a revoked proxy', (() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy })()]
] as const) {
  test(`describeValue() survives ${what}`, t => {
    t.is(typeof describeValue(value), 'string')
  })
}
