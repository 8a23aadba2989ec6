import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { order, rank } from '../../src/pipeline/rank.ts'
import { dose } from '../support/dose.ts'
import { cand, cands, said, tryOut } from '../testing/try-out.ts'
import type { AddressSorter } from '@libp2p/interface'
import type { Candidate } from '../../src/pipeline/types.ts'

const port = ({ multiaddr }: Candidate): number => Number(multiaddr.getComponents()[1]?.value)
const at = (n: number, port: number): Candidate => cand(`/ip4/203.0.113.${n}/tcp/${port}`)

test('the first comparator decides, ties go on to the next, and then to the order from above', async t => {
  const certified = cand('/ip4/203.0.113.9/tcp/1', { isCertified: true })
  const candidates = [at(1, 2), at(2, 1), certified, at(3, 2), at(4, 1)]
  const trial = tryOut(t, rank('sorted', (a, b) => Number(b.isCertified) - Number(a.isCertified), (a, b) => port(a) - port(b)))
  trial.give({ candidates })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [certified, candidates[1], candidates[4], candidates[0], candidates[3]])
})

test('libp2p\'s sorters fit as they are', async t => {
  const sorter: AddressSorter = (a, b) => a.multiaddr.toString() < b.multiaddr.toString() ? -1 : 1
  const trial = tryOut(t, rank('sorted', sorter))
  trial.give({ candidates: cands(3, 1, 2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2 3'])
})

test('keeps what it is given apart from the order', async t => {
  const pace = (): undefined => undefined
  const trial = tryOut(t, rank('sorted', () => 0))
  trial.give({ candidates: cands(3, 1, 2), complete: false, pace })
  await trial.settle()
  t.like(trial.last?.value, { complete: false, revision: 0, pace })
})

for (const answer of [Number.NaN, undefined, true, '1', null]) {
  test(`a comparator that answers ${String(answer)} names the stage`, async t => {
    const trial = tryOut(t, rank('silly', () => answer as any))
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /"silly" compared .* to .* as /)
  })
}

testProp('sorts as a stable sort does', [fc.array(fc.record({ n: fc.integer({ min: 1, max: 200 }), port: fc.integer({ min: 1, max: 4 }) }), { maxLength: 30 })], async (t, specs) => {
  const candidates = [...new Map(specs.map(({ n, port }) => [`${n} ${port}`, at(n, port)])).values()]
  const trial = tryOut(t, rank('sorted', (a, b) => port(a) - port(b)))
  trial.give({ candidates })
  await trial.settle()
  t.deepEqual(trial.last?.candidates, [1, 2, 3, 4].flatMap(one => candidates.filter(candidate => port(candidate) === one)))
}, { numRuns: dose(30) })

test('order looks at the whole list, the dial and the node', async t => {
  const trial = tryOut(t, order('turned', (candidates, dial, { settings }) => {
    return dial.target.peerId != null && settings.maxPeerAddrsToDial > 0 ? candidates.toReversed() : candidates
  }))
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  t.deepEqual(said(trial), ['3 2 1'])
})

for (const [what, answer] of Object.entries({
  'one that it was not given': () => cands(9),
  'a clone': (all: readonly Candidate[]) => all.map(one => ({ ...one })),
  'one twice': (all: readonly Candidate[]) => [...all, ...all],
  'nothing at all': () => undefined,
  'a promise': async (all: readonly Candidate[]) => all,
  addresses: (all: readonly Candidate[]) => all.map(({ multiaddr }) => multiaddr),
  holes: () => [undefined]
})) {
  test(`order that answers ${what} names the stage`, async t => {
    const trial = tryOut(t, order('silly', answer as any))
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /"silly" answered /)
  })
}

test('order that leaves an address out names the stage, the address and the stages that drop', async t => {
  const trial = tryOut(t, order('few', candidates => candidates.slice(0, 1)))
  const [a, b] = cands(1, 2)
  trial.give({ candidates: [a, b] as Candidate[] })
  await trial.settle()
  t.is(trial.failure?.error.name, 'InvalidStageOutputError')
  t.is(trial.failure?.error.message, `Stage "few" left out ${b?.id}: an order keeps every address. Drop with filter() or sift()`)
})

test('what it throws fails the dial', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, order('broken', () => { throw error }))
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

for (const [what, change] of Object.entries<(candidates: Candidate[]) => void>({
  'takes one out of': candidates => { candidates.pop() },
  'puts one into': candidates => { candidates.push(candidates[0] as Candidate) }
})) {
  test(`order that ${what} the list that it was given names the stage`, async t => {
    const trial = tryOut(t, order('in-place', candidates => {
      change(candidates as Candidate[])

      return candidates
    }))
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.regex(trial.failure?.error.message ?? '', /^Stage "in-place" /)
  })
}
