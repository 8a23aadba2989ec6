import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { rank } from '../../../src/pipeline/authoring/rank.ts'
import { dose } from '../../support/dose.ts'
import { cand, cands, said, tryOut } from '../../testing/try-out.ts'
import type { AddressSorter } from '@libp2p/interface'
import type { Candidate } from '../../../src/pipeline/types.ts'

const port = ({ multiaddr }: Candidate): number => Number(multiaddr.getComponents()[1]?.value)
const at = (n: number, port: number): Candidate => cand(`/ip4/203.0.113.${n}/tcp/${port}`)

test('rank() applies comparators in order, and keeps the order from above for ties', async t => {
  const certified = cand('/ip4/203.0.113.9/tcp/1', { isCertified: true })
  const candidates = [at(1, 2), at(2, 1), certified, at(3, 2), at(4, 1)]
  const trial = tryOut(t, rank('sorted', (a, b) => Number(b.isCertified) - Number(a.isCertified), (a, b) => port(a) - port(b)))
  trial.give({ candidates })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [certified, candidates[1], candidates[4], candidates[0], candidates[3]])
})

test('rank() accepts libp2p\'s address sorters', async t => {
  const sorter: AddressSorter = (a, b) => a.multiaddr.toString() < b.multiaddr.toString() ? -1 : 1
  const trial = tryOut(t, rank('sorted', sorter))
  trial.give({ candidates: cands(3, 1, 2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2 3'])
})

test('rank() keeps an incomplete list incomplete', async t => {
  const trial = tryOut(t, rank('sorted', (a, b) => port(a) - port(b)))
  trial.give({ candidates: cands(3, 1, 2), complete: false })
  await trial.settle()
  t.deepEqual(said(trial), ['3 1 2 …'])
})

test('rank() compares again after an attempt has failed', async t => {
  let isTurned = false
  const trial = tryOut(t, rank('turned', (a, b) => (isTurned ? -1 : 1) * (a.id < b.id ? -1 : 1)))
  trial.give({ candidates: cands(2, 1) })
  await trial.settle()
  isTurned = true
  trial.target.invalidate()
  await trial.settle()
  t.deepEqual(said(trial), ['1 2', '2 1'])
})

for (const answer of [Number.NaN, undefined, true, '1', null]) {
  test(`rank() fails the dial with an error that names the stage for a comparison of ${String(answer)}`, async t => {
    const trial = tryOut(t, rank('silly', () => answer as any))
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /"silly" compared .* to .* as /)
  })
}

testProp('rank() sorts stably', [fc.array(fc.record({ n: fc.integer({ min: 1, max: 200 }), port: fc.integer({ min: 1, max: 4 }) }), { maxLength: 30 })], async (t, specs) => {
  const candidates = [...new Map(specs.map(({ n, port }) => [`${n} ${port}`, at(n, port)])).values()]
  const trial = tryOut(t, rank('sorted', (a, b) => port(a) - port(b)))
  trial.give({ candidates })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [1, 2, 3, 4].flatMap(one => candidates.filter(candidate => port(candidate) === one)))
}, { numRuns: dose(30) })

test('rank() fails the dial with the error that a comparator throws', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, rank('broken', () => { throw error }))
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.is(trial.failure?.error, error)
})
