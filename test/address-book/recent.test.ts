import test from 'ava'
import { Recent } from '../../src/address-book/recent.ts'

test('it remembers the latest, and makes again what it has forgotten', t => {
  const made: string[] = []
  const recent = new Recent<string>(3)
  const get = (...keys: string[]): string[] => {
    keys.forEach(key => recent.get(key, key => {
      made.push(key)

      return key
    }))

    return made.splice(0)
  }

  t.deepEqual(get('a', 'b', 'c', 'a', 'b', 'c'), ['a', 'b', 'c'])
  t.deepEqual(get('d', 'a', 'e', 'f', 'a'), ['d', 'e', 'f'])
  t.deepEqual(get('b'), ['b'])
  t.deepEqual(get('g', 'h', 'i', 'j', 'k', 'a'), ['g', 'h', 'i', 'j', 'k', 'a'])
})
