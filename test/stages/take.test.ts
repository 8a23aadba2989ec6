import test from 'ava'
import { take } from '../../src/stages/take.ts'
import { cands, onList, onLists } from './on-list.ts'

const [a, b, c, d] = ['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2', '/ip4/1.2.3.4/tcp/3', '/ip4/1.2.3.4/tcp/4'] as const
const four = cands([a, b, c, d])

test('keeps the first n', async t => {
  t.like(await onList(take(2), four), { kept: [a, b], dropped: { [c]: 'not among the first 2', [d]: 'not among the first 2' } })
})

test('keeps all where there are no more', async t => {
  t.like(await onList(take(4), four), { kept: [a, b, c, d], dropped: {} })
  t.like(await onList(take(Infinity), four), { kept: [a, b, c, d], dropped: {} })
  t.like(await onList(take(2), []), { kept: [], dropped: {} })
})

test('keeps none of none', async t => {
  t.deepEqual((await onList(take(0), four)).kept, [])
})

test('the node says how many by default', async t => {
  const settings = { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 3 }

  t.like(await onList(take(), four, { settings }), { kept: [a, b, c], dropped: { [d]: 'not among the first 3' } })
})

test('counts anew in every list: what has moved up is no longer dropped', async t => {
  t.like(await onLists(take(2), [four, four.slice(1)]), { kept: [b, c], dropped: { [d]: 'not among the first 2' } })
})

for (const n of [-1, 1.5, NaN, '3' as any]) {
  test(`throws for ${typeof n} ${n}`, t => {
    t.throws(() => take(n), { name: 'InvalidPipelineError', message: `take() needs a whole number, not ${n}` })
  })
}
