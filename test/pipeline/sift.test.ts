import test from 'ava'
import { sift } from '../../src/pipeline/sift.ts'
import { cand, cands, reason, said, tryOut } from '../testing/try-out.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]
const onlyLast = sift('only-last', candidates => one => one === candidates.at(-1) || `not as good as ${candidates.length - 1} others`)

test('judges each by looking at all, anew for each list', async t => {
  const trial = tryOut(t, onlyLast)
  trial.give({ candidates: [a, b, c] })
  await trial.settle()
  t.is(reason(trial, a), 'not as good as 2 others')
  trial.give({ candidates: [a] })
  await trial.settle()

  t.deepEqual(said(trial), ['3', '1'])
  t.is(reason(trial, a), undefined)
  t.false(trial.dial.spent(a))
  t.true(trial.dial.spent(b))
})

for (const nonsense of [undefined, Promise.resolve(true), 1]) {
  test(`a verdict of ${String(nonsense)} names the stage`, async t => {
    const trial = tryOut(t, sift('silly', () => () => nonsense as any))
    trial.give({ candidates: cands(1) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /"silly" answered .* for \/ip4\/203.0.113.1/)
  })
}
