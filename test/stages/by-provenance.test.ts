import test from 'ava'
import { byProvenance } from '../../src/stages/by-provenance.ts'
import { cand, said, tryOut } from '../testing/try-out.ts'

const from = (n: number, ...sources: readonly string[]) => cand(n, { provenance: sources.map(source => ({ source })) })
const CANDIDATES = [from(1), from(2, 'pubsub'), from(3, 'dht', 'user'), from(4, 'certified', 'dht'), from(5, 'identify'), from(6, 'certified')]

test('what somebody vouches for comes before what is only told; the best source of an address decides', async t => {
  const trial = tryOut(t, byProvenance())
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.deepEqual(said(trial), ['3 4 6 5 2 1'])
})

test('another order; those that it does not name stay as they are, behind', async t => {
  const trial = tryOut(t, byProvenance('identify', 'dht'))
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.deepEqual(said(trial), ['5 3 4 1 2 6'])
})
