import test from 'ava'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { bareAddress, cand, cands, PEER, runStage, said, short, tryOut } from '../../testing/try-out.ts'

test('source() appends its addresses to the list from above', async t => {
  const trial = await runStage(t, source('more', () => [bareAddress(2), bareAddress(3)]), cands(1), { ms: 0 })

  t.deepEqual(said(trial), ['1 2 3'])
  t.deepEqual(trial.last?.candidates.map(({ provenance }) => provenance), [[], [{ source: 'more' }], [{ source: 'more' }]])
})

test('source() reports its addresses under the provenance option', async t => {
  const trial = await runStage(t, source('more', () => [bareAddress(1)], { provenance: 'gossip' }), [], { ms: 0, from: 'target' })
  t.deepEqual(trial.last?.candidates[0]?.provenance, [{ source: 'gossip' }])
})

for (const [how, answer] of Object.entries<(found: any) => any>({
  'an array': found => found,
  'a promise': async found => found,
  'an async iterable': async function * (found) { yield * found }
})) {
  test(`source() keeps the sources of an address that the node already knows, found in ${how}`, async t => {
    const [handedOut, other] = [bareAddress(1), bareAddress(2)]
    const reportsOf = (one: unknown, peer?: string): any => one === handedOut && peer === PEER.toString() ? { isCertified: true, provenance: [{ source: 'dht' }] } : undefined
    const trial = await runStage(t, source('more', () => answer([handedOut, other, cand(3, { provenance: [{ source: 'own' }] })])), [], { from: 'target', components: () => ({ addressBook: { query: () => [], reportsOf } }) })

    t.deepEqual(trial.last?.candidates.map(({ provenance, isCertified }) => [provenance[0]?.source, isCertified]), [['dht', true], ['more', false], ['own', false]])
  })
}

test('source() can be the first stage', async t => {
  const trial = await runStage(t, source('more', () => [bareAddress(1)]), [], { ms: 0, from: 'target' })
  t.true(trial.last?.value.complete)
  t.deepEqual(said(trial), ['1'])
})

test('addresses found in one turn of the event loop arrive in one list', async t => {
  const trial = await runStage(t, source('more', async function * () {
    for (let n = 1; n <= 100; n++) {
      yield bareAddress(n)
    }
  }), [])
  t.true(trial.outputs.length <= 4, `${trial.outputs.length} lists`)
  t.is(trial.last?.candidates.length, 100)
})

test('source() merges its provenance into a candidate from above, once', async t => {
  const above = cand(1, { isCertified: true, provenance: [{ source: 'certified' }] })
  const trial = await runStage(t, source('more', () => [bareAddress(1)]), [above], { ms: 0 })
  trial.give({ candidates: [...cands(2), above] })
  await trial.settle()
  const first = trial.outputs[0]?.candidates[0]
  const second = trial.outputs[1]?.candidates[1]

  t.deepEqual(said(trial), ['1', '2 1'])
  t.like(first, { isCertified: true, provenance: [{ source: 'certified' }, { source: 'more' }] })
  t.is(first, second)
})

test('source() keeps the candidate object from above when it adds nothing', async t => {
  const above = cand(1, { provenance: [{ source: 'more' }] })
  const trial = await runStage(t, source('more', () => [bareAddress(1)]), [above], { ms: 0 })
  t.is(trial.last?.candidates[0], above)
})

test('source() merges an address that it finds twice', async t => {
  const trial = await runStage(t, source('more', () => [bareAddress(1), cand(1, { isCertified: true, provenance: [{ source: 'elsewhere' }] }), bareAddress(1)]), [], { ms: 0 })
  t.deepEqual(said(trial), ['1'])
  t.like(trial.last?.candidates[0], { isCertified: true, provenance: [{ source: 'more' }, { source: 'elsewhere' }] })
})

test('the function of source() receives the list from above', async t => {
  const seen: string[] = []
  const trial = tryOut(t, source('more', (_dial, above) => {
    seen.push(short(above))

    return above.map((_, i) => bareAddress(i + 5))
  }))
  trial.give({ candidates: cands(1, 2), complete: false })
  await trial.settle()
  trial.give({ candidates: cands(1, 2, 3) })
  await trial.settle()
  t.deepEqual(seen, ['1 2'])
  t.is(said(trial).at(-1), '1 2 3 5 6')
})
