import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { keeperOf } from '../../src/convergence/keeper.ts'
import { info } from './info.ts'
import type { ConnectionInfo } from '../../src/convergence/keeper.ts'

test('keeperOf() returns the preferred connection when one end dialled all', t => {
  t.is(keeperOf([info('tcp', { transport: 'tcp' }), info('ws', { transport: 'ws' })], 'ws'), 'ws')
})

test('keeperOf() goes by direction, limits and peer id, not by transport, when both ends dialled', t => {
  const all = [info('ws', { transport: 'ws' }), info('theirs', { transport: 'tcp', initiator: 'b' }), info('tcp', { transport: 'tcp' })]
  t.is(keeperOf(all, 'ws'), 'tcp')
  t.is(keeperOf(all.slice(0, 2), 'ws'), 'theirs')
  t.is(keeperOf([...all, info('limited', { isLimited: true, transport: 'quic-v1' })], 'limited'), 'tcp')
})

test('keeperOf() returns the preferred one of equal connections of the same initiator', t => {
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

/** Returns the connections that an end closes: those that it dialled and does not keep */
function closes (all: ReadonlyArray<ConnectionInfo<string>>, self: string, preferred: string): string[] {
  const keeper = keeperOf(all, preferred)

  return all.filter(({ connection, facts }) => facts.initiator === self && connection !== keeper).map(({ connection }) => connection)
}

testProp('both ends keep the same connection, whatever each prefers and in any order', [connections, fc.nat(), fc.nat(), fc.infiniteStream(fc.nat())], (t, all, n, m, order) => {
  const there = all.toSorted(() => (order.next().value ?? 0) % 2 === 0 ? 1 : -1)
  const preferred = (n: number): string => all[n % all.length]?.connection ?? ''
  const closed = [...closes(all, 'a', preferred(n)), ...closes(there, 'b', preferred(m))]
  t.is(all.length - closed.length, 1)
})

testProp('an end that decides alone keeps at least one connection', [connections, fc.nat()], (t, all, n) => {
  t.true(closes(all, 'a', all[n % all.length]?.connection ?? '').length < all.length)
})
