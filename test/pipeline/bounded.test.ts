import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { Bounded } from '../../src/pipeline/bounded.ts'

test('Bounded evicts the least recently renewed entries', t => {
  const bounded = new Bounded<number>(10)
  const used = bounded.renew('used', () => -1)

  for (let i = 0; i < 100; i++) {
    bounded.renew(`${i}`, () => i)
    t.is(bounded.renew('used', () => -2), used)
    t.true([...bounded].length <= 10)
  }

  t.is(bounded.get('99'), 99)
  t.is(bounded.get('96'), 96)
  t.is(bounded.get('80'), undefined)
})

test('reading an entry does not renew it', t => {
  const bounded = new Bounded<number>(4)
  bounded.set('read', 0)

  for (let i = 0; i < 10; i++) {
    bounded.get('read')
    bounded.set(`${i}`, i)
  }

  t.is(bounded.get('read'), undefined)
})

testProp('Bounded holds between half of its maximum and the maximum, each key with its newest value, and reports what it evicts', [fc.integer({ min: 2, max: 20 }), fc.array(fc.tuple(fc.nat(40).map(String), fc.nat()))], (t, max, entries) => {
  const evicted = new Set<string>()
  const bounded = new Bounded<number>(max, key => evicted.add(key))
  const newest = new Map<string, number>()

  for (const [key, value] of entries) {
    evicted.delete(key)
    bounded.set(key, value)
    newest.delete(key)
    newest.set(key, value)
  }

  const held = [...bounded]
  t.is(new Map(held).size, held.length)
  t.true(held.length <= max)
  t.true(held.length >= Math.min(newest.size, Math.floor(max / 2)))
  t.deepEqual([...evicted].toSorted(), [...newest.keys()].filter(key => bounded.get(key) == null).toSorted())
  t.true(held.every(([key, value]) => newest.get(key) === value && bounded.get(key) === value))
})
