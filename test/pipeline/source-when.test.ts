import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { source } from '../../src/pipeline/source.ts'
import { cand, cands, said, tryOut } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const address = (n: number): Candidate['multiaddr'] => multiaddr(`/ip4/203.0.113.${n}/tcp/4001`)

test('empty: begins only when the list above is complete and empty', async t => {
  const trial = tryOut(t, source('more', async function * () { yield address(9) }, { when: 'empty' }))
  trial.give({ candidates: [], complete: false })
  await trial.settle()
  trial.give({ candidates: cands(1), complete: true })
  await trial.settle()
  t.deepEqual(said(trial), ['…', '1'])
  trial.give({ candidates: [] })
  await trial.rest()
  t.is(said(trial).at(-1), '9')
})

test('empty: what it has found stays when more comes from above', async t => {
  const trial = tryOut(t, source('more', async function * () { yield address(9) }, { when: 'empty' }))
  trial.give({ candidates: [] })
  await trial.rest()
  trial.give({ candidates: cands(1) })
  await trial.rest()
  t.is(said(trial).at(-1), '1 9')
})

test('exhausted: begins only when the list above is complete and every candidate of it is spent', async t => {
  const [a, b] = [cand(1), cand(2)]
  const trial = tryOut(t, source('more', async function * () { yield address(9) }, { when: 'exhausted' }))
  trial.give({ candidates: [a, b], complete: false })
  await trial.settle()
  trial.dial.as('picky').verdict(a, false)
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.is(said(trial).at(-1), '1 2')

  trial.dial.as('picky').verdict(b, false)
  trial.target.raise()
  await trial.rest()
  t.is(said(trial).at(-1), '1 2 9')
})

test('exhausted: an empty complete list is exhausted', async t => {
  const trial = tryOut(t, source('more', async function * () { yield address(9) }, { when: 'exhausted' }))
  trial.give({ candidates: [] })
  await trial.rest()
  t.is(said(trial).at(-1), '9')
})

test('sources one below the other begin in their turn', async t => {
  const slow = (name: string, n: number): ReturnType<typeof source> => source(name, async function * (dial) {
    await sleep(100, dial.clock, dial.signal)

    if (n > 0) {
      yield address(n)
    }
  }, { when: 'empty' })
  const trial = tryOut(t, pipeline(slow('nothing', 0), slow('one', 1), slow('two', 2)))
  trial.give({ candidates: [] })
  await trial.rest()
  t.is(said(trial).at(-1), '1')
  t.is(trial.last?.at, 200)
})
