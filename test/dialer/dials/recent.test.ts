import { fc, testProp } from '@fast-check/ava'
import { Recent } from '../../../src/dialer/dials/dial-stories.ts'

testProp('keeps the latest items up to its size', [fc.array(fc.integer()), fc.nat(10)], (t, items, size) => {
  const recent = new Recent<number>(size)
  items.forEach(item => { recent.add(() => item) })
  t.deepEqual([...recent.items], size === 0 ? [] : items.slice(-size))
})
