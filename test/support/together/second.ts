import test from 'ava'
import { log } from './log.ts'

test('a', t => {
  t.deepEqual(log.slice(0, 2), ['a started', 'b started'], 'tests of a file run at the same time')
  t.deepEqual(log.slice(2, 6).toSorted(), ['a ended', 'a torn down', 'b ended', 'b torn down'])
  t.deepEqual(log.slice(6), ['c', 'd'].flatMap(name => ['started', 'ended', 'torn down'].map(part => `${name} ${part}`)), 'a serial test runs alone')
})
