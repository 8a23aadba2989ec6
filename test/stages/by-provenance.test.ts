import test from 'ava'
import { byProvenance } from '../../src/stages/by-provenance.ts'
import { cand, said, tryOut } from '../testing/try-out.ts'

const from = (n: number, ...sources: readonly string[]) => cand(n, { provenance: sources.map(source => ({ source })) })
const CANDIDATES = [from(1), from(2, 'pubsub'), from(3, 'dht', 'user'), from(4, 'certified', 'dht'), from(5, 'identify'), from(6, 'certified')]

test('byProvenance() ranks by the most trusted source of each address', async t => {
  const trial = tryOut(t, byProvenance())
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.deepEqual(said(trial), ['3 4 6 5 2 1'])
})

test('byProvenance() ranks by given sources, and keeps the order of others behind them', async t => {
  const trial = tryOut(t, byProvenance('identify', 'dht'))
  trial.give({ candidates: CANDIDATES })
  await trial.settle()
  t.deepEqual(said(trial), ['5 3 4 1 2 6'])
})
