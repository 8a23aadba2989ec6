import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { keeperOf } from '../../src/convergence/keeper.ts'
import { info } from './info.ts'
import type { ConnectionInfo } from '../../src/convergence/keeper.ts'

test('what one end has dialled alone goes by what it prefers', t => {
  t.is(keeperOf([info('tcp', { transport: 'tcp' }), info('ws', { transport: 'ws' })], 'ws'), 'ws')
})

test('what both have dialled goes by what both know', t => {
  const all = [info('ws', { transport: 'ws' }), info('theirs', { transport: 'tcp', initiator: 'b' }), info('tcp', { transport: 'tcp' })]
  t.is(keeperOf(all, 'ws'), 'tcp')
  t.is(keeperOf(all.slice(0, 2), 'ws'), 'theirs')
  t.is(keeperOf([...all, info('limited', { isLimited: true, transport: 'quic-v1' })], 'limited'), 'tcp')
})

test('of several that both know the same of, it is the preferred one', t => {
  const all = [info('one'), info('two'), info('theirs', { initiator: 'b' })]
  t.is(keeperOf(all, 'two'), 'two')
  t.is(keeperOf(all, 'theirs'), 'one')
})

const connections = fc.array(fc.record({
  isLimited: fc.boolean(),
  isRelayed: fc.boolean(),
  transport: fc.constantFrom('quic-v1', 'tcp', 'ws', 'circuit', 'memory', 'unix'),
  initiator: fc.constantFrom('a', 'b')
}), { minLength: 1, maxLength: 6 }).map(all => all.map((facts, n) => info(`${n}`, facts)))

/** What an end leaves of them: each closes what it has dialled and does not keep */
function closes (all: ReadonlyArray<ConnectionInfo<string>>, self: string, preferred: string): string[] {
  const keeper = keeperOf(all, preferred)

  return all.filter(({ connection, facts }) => facts.initiator === self && connection !== keeper).map(({ connection }) => connection)
}

testProp('whatever each end prefers, and in whatever order it sees them, one is left, and it is the same', [connections, fc.nat(), fc.nat(), fc.infiniteStream(fc.nat())], (t, all, n, m, order) => {
  const there = all.toSorted(() => (order.next().value ?? 0) % 2 === 0 ? 1 : -1)
  const preferred = (n: number): string => all[n % all.length]?.connection ?? ''
  const closed = [...closes(all, 'a', preferred(n)), ...closes(there, 'b', preferred(m))]
  t.is(all.length - closed.length, 1)
})

testProp('with one end only, one is left at least', [connections, fc.nat()], (t, all, n) => {
  t.true(closes(all, 'a', all[n % all.length]?.connection ?? '').length < all.length)
})
