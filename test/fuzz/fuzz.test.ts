// no input freezes or crashes a node, and each dial ends once. `npm run fuzz` runs more seeds
import test from 'ava'
import { BREAKS, FREEZES } from './broken.ts'
import { runCases } from './pool.ts'
import { addStatistics } from './statistics.ts'
import type { Break } from './broken.ts'
import type { CaseResult } from './case.ts'
import type { PoolInit } from './pool.ts'
import type { Statistics } from './statistics.ts'
import type { ExecutionContext } from 'ava'

const CASES = 200

const broken = new URL('broken.ts', import.meta.url)

/** Minimum number of cases with each kind of event, so that the fuzz does not pass without any */
const LEAST: Statistics = {
  connected: 45,
  failed: 150,
  aborted: 60,
  joined: 80,
  'joined a running dial': 70,
  moved: 3,
  nested: 30,
  'relay connected': 2,
  circular: 5,
  'stopped by the script': 25,
  'listener acted': 50,
  'timed out': 40,
  'all failed': 45,
  'nothing to dial': 40,
  denied: 8,
  'broken stage': 8,
  'broken target': 15,
  'many addresses': 15,
  endless: 3,
  lingers: 35,
  'went on': 1,
  iterable: 50,
  expand: 35,
  fallback: 30,
  retry: 30,
  timeout: 30,
  'dialled again': 20
}

async function resultsOf (init: Omit<PoolInit, 'onResult'>): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  await runCases({ ...init, onResult: result => { results.push(result) } })

  return results.toSorted((a, b) => a.seed - b.seed)
}

test.serial('200 seeds show no violation, and cover all kinds of events', async t => {
  const results = await resultsOf({ from: 1, cases: CASES })
  const statistics: Statistics = {}
  results.forEach(({ statistics: more }) => { addStatistics(statistics, more) })

  t.deepEqual(results.filter(({ violations }) => violations.length > 0).map(({ seed, violations }) => ({ seed, violations })), [])
  t.is(results.length, CASES)
  t.deepEqual(Object.entries(LEAST).filter(([kind, least]) => !((statistics[kind] ?? 0) >= least)).map(([kind, least]) => `${kind}: ${statistics[kind] ?? 0}, not ${least}`), [])
})

test.serial('a seed gives the same result whatever ran before it', async t => {
  const [once, again] = await Promise.all([resultsOf({ from: 1, cases: 9, workers: 1 }), resultsOf({ from: 6, cases: 4, workers: 1 })])

  t.deepEqual(again.map(({ digest }) => digest), once.slice(5).map(({ digest }) => digest))
  t.true(new Set(once.map(({ digest }) => digest)).size > 5)
})

function checkSeen (t: ExecutionContext, results: readonly CaseResult[]): void {
  for (const { seed, violations } of results) {
    const { what, expected } = BREAKS[seed - 1] as Break
    t.true(violations.some(violation => expected.test(violation)), `${what}: ${violations.join('; ') || 'nothing seen'}`)
  }
}

test.serial('a case that freezes ends its worker, and the next seed runs in a new one', async t => {
  const results = await resultsOf({ from: 1, cases: FREEZES + 1, workers: 1, silence: 1_500, module: broken })

  checkSeen(t, results.slice(0, FREEZES))
  t.is(results.length, FREEZES + 1)
})

test.serial('the harness detects each kind of violation, and none in a correct run', async t => {
  const results = await resultsOf({ from: FREEZES + 1, cases: BREAKS.length - FREEZES + 1, workers: 1, module: broken })

  checkSeen(t, results.slice(0, -1))
  t.deepEqual(results.at(-1)?.violations, [])
})
