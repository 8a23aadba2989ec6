import test from 'ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { expand } from '../../../src/pipeline/authoring/expand.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { race } from '../../../src/stages/race.ts'
import { cand, cands, dialled, reason, said, tryOut } from '../../testing/try-out.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = [cand(1), cand(2), cand(3), cand(4)]

test('expand() replaces a candidate by its expansion', async t => {
  const trial = tryOut(t, expand('more', one => one === b ? [c, d] : [one]))
  trial.give({ candidates: [a, b] })
  await trial.settle()

  t.deepEqual(said(trial), ['1 3 4'])
  t.is(trial.last?.candidates[0], a)
  t.deepEqual(trial.host.story.of(b).expanded, { stage: 'more', into: [c.id, d.id] })
  t.is(trial.host.story.of(a).expanded, undefined)
})

test('expand() drops a candidate for an empty array', async t => {
  const trial = tryOut(t, expand('more', one => one === b ? [] : [one]))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(said(trial), ['1'])
  t.is(reason(trial, b), 'nothing stands for it')
})

test('expand() asks once for each candidate object, concurrently, and passes generated candidates on as they come', async t => {
  const asked: Candidate[] = []
  const trial = tryOut(t, expand('slow', async function * (one, dial) {
    asked.push(one)
    await sleep(one === a ? 200 : 100, dial.clock, dial.signal)
    yield one
    await sleep(100, dial.clock, dial.signal)
    yield one === a ? c : d
  }))
  trial.give({ candidates: [a, b] })
  await trial.pass(50)
  trial.target.invalidate()
  await trial.rest()

  t.deepEqual(asked, [a, b])
  t.deepEqual(said(trial), ['…', '2 …', '1 2 …', '1 2 4 …', '1 3 2 4'])
})

test('expand() accepts a promise', async t => {
  const trial = tryOut(t, expand('slow', async (one, dial) => {
    await sleep(100, dial.clock, dial.signal)

    return one === a ? [c, d] : []
  }))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(said(trial), ['…'])
  await trial.rest()
  t.is(said(trial).at(-1), '3 4')
  t.is(reason(trial, b), 'nothing stands for it')
})

test('expand() merges two candidates that become the same address, with the provenance of both', async t => {
  const other = cand(3, { isCertified: true, provenance: [{ source: 'other' }] })
  const trial = tryOut(t, expand('same', one => one === a ? [c] : one === b ? [other] : [one]))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  trial.give({ candidates: [a, b, d] })
  await trial.settle()
  const [first, second] = trial.outputs.map(({ candidates: [one] }) => one)

  t.deepEqual(said(trial), ['3', '3 4'])
  t.like(first, { isCertified: true, provenance: [{ source: 'other' }] })
  t.is(first, second)
})

test('expand() drops the pending expansion of a candidate that left the list', async t => {
  const trial = tryOut(t, expand('slow', async function * (_one, dial) {
    await sleep(100, dial.clock, dial.signal)
    yield c
  }))
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.give({ candidates: [] })
  await trial.rest()
  t.is(said(trial).at(-1), '')
})

test('expand() fails the dial with an error that names the stage for an invalid answer', async t => {
  for (const answer of [undefined, 5, [undefined], [c.multiaddr], [{ ...c }], Promise.resolve(undefined), Promise.resolve([c.multiaddr])]) {
    const trial = tryOut(t, expand('silly', () => answer as any))
    trial.give({ candidates: cands(1) })
    await trial.settle()
    t.is(trial.failure?.error.name, 'InvalidStageOutputError')
    t.regex(trial.failure?.error.message, /"silly" .*203.0.113.1/)
  }
})

test('expand() drops only the address for which it throws or rejects, with the reason', async t => {
  const error = new Error('Broken')

  for (const broken of [() => { throw error }, async () => { throw error }, async function * () {
    yield * []
    throw error
  }]) {
    const [bad, good] = cands(1, 2) as [Candidate, Candidate]
    const trial = tryOut(t, expand('broken', candidate => candidate === good ? [good] : broken()))
    trial.give({ candidates: [bad, good] })
    await trial.settle()

    t.is(trial.failure, undefined)
    t.deepEqual(trial.last?.value.candidates, [good])
    t.is(trial.host.story.of(bad).dropped?.reason, 'broken failed: Broken')
  }
})

test('candidates that expand() leaves unchanged do not count against its limit', async t => {
  const trial = tryOut(t, expand('same', one => [one]))

  for (let round = 0; round < 10; round++) {
    trial.give({ candidates: Array.from({ length: 250 }, (_, i) => cand(`/ip4/10.0.0.${i}/tcp/1`, { provenance: [{ source: `${round}` }] })) })
    await trial.settle()
  }

  t.is(trial.last?.candidates.length, 250)
})

test('expand() stops at 1,024 candidates and drops the rest with the reason', async t => {
  const trial = tryOut(t, expand('many', one => Array.from({ length: 1_000 }, (_, i) => cand(`/ip4/10.${one === a ? 1 : 2}.${i >> 8}.${i & 255}/tcp/1`))))
  trial.give({ candidates: [a, b, c] })
  await trial.settle()

  t.is(trial.last?.candidates.length, 1_024)
  t.deepEqual([a, b].map(one => trial.host.story.of(one).expanded?.into.length), [1_000, 24])
  t.is(reason(trial, c), 'many gave more than the 1024 candidates of a dial')
})

test('two expansions in a circle dial each address once, and drop none', async t => {
  const trial = tryOut(t, pipeline(expand('there', one => one === a ? [b] : [one]), expand('and-back', one => one === b ? [a] : [one]), race()))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
  t.deepEqual([a, b].map(one => reason(trial, one)), [undefined, undefined])
  t.true(trial.ended)
})

test('pending expansions are awaited before the last call, and their address is dialled once', async t => {
  const trial = tryOut(t, pipeline(expand('slow', async (one, { clock, signal }) => one === b ? sleep(300, clock, signal).then(() => [a, c]) : [one]), race()))
  trial.script([a, c], { refuses: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '3 @300'])
  t.true(trial.ended)
})

test('a candidate expanded from a certified one is not certified unless it says so itself', async t => {
  const provenance = [{ source: 'certified' }, { source: 'identify' }]
  const from = cand(1, { isCertified: true, provenance })
  const trial = tryOut(t, expand('more', one => [one, cand(2, { provenance }), cand(3, { isCertified: true, provenance })]))
  trial.give({ candidates: [from] })
  await trial.settle()

  t.is(trial.last?.candidates[0], from)
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance.map(({ source }) => source).join()), ['certified,identify', 'identify', 'certified,identify'])
})

test('a candidate expanded from another has the source dialled only if that has', async t => {
  const provenance = [{ source: 'dialled' }, { source: 'identify' }]
  const trial = tryOut(t, expand('more', one => [one, cand(3, { provenance }), cand(4, { isCertified: true, provenance })]))
  trial.give({ candidates: [cand(1, { provenance: [{ source: 'identify' }] })] })
  await trial.settle()
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance.map(({ source }) => source).join()), ['identify', 'identify', 'identify'])

  trial.give({ candidates: [cand(2, { provenance })] })
  await trial.settle()
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance.map(({ source }) => source).join()), ['dialled,identify', 'dialled,identify', 'dialled,identify'])
})
