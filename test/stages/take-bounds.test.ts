import { inspect } from 'node:util'
import test from 'ava'
import { take } from '../../src/stages/take.ts'
import { has } from '../helpers/has.ts'
import { cands, onList } from './on-list.ts'

const four = ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2', '/ip4/1.2.3.4/tcp/3', '/ip4/1.2.3.4/tcp/4']

test('take() keeps all of a list that is not longer', async t => {
  has(t, await onList(take(4), cands(four)), { kept: four, dropped: {} })
  has(t, await onList(take(Infinity), cands(four)), { kept: four, dropped: {} })
  has(t, await onList(take(2), []), { kept: [], dropped: {} })
})

for (const n of [-1, 1.5, NaN, '3' as any]) {
  test(`take() throws for ${typeof n} ${n}`, t => {
    t.throws(() => take(n), { name: 'InvalidPipelineError', message: `take() needs a whole number, 0 or more, or Infinity, not ${inspect(n)}` })
  })
}
