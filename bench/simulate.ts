// What the odds rule does beside fixed delays, on peers that are drawn by chance, in virtual time: the mean and the 95th
// percentile of the milliseconds to a connection, the dials that it took, and what both cost where a dial may cost 30 ms.
// `node bench/simulate.ts 20000 1`: so many peers, and the seed
import { renderTable } from '../examples/table.ts'
import { seeded } from './network/random.ts'
import { mean, quantile } from './network/statistics.ts'
import { simulate } from './simulate/model.ts'
import { policies, prepare } from './simulate/policies.ts'
import { fatesOf, scenarios } from './simulate/scenarios.ts'
import type { Fate } from './simulate/model.ts'

const LAMBDA = 30

const [peers = 20_000, seed = 1] = process.argv.slice(2).map(Number)

for (const scenario of scenarios) {
  const random = seeded(seed)
  // all policies dial the same ones
  const drawn = Array.from({ length: peers }, () => fatesOf(scenario, random))
  const rows: string[][] = []

  for (const policy of policies) {
    const { candidates, rules, indexes } = prepare(scenario, policy)
    const results = drawn.map(fates => simulate({ candidates, rules, floor: policy.floor, fates: indexes.map(i => fates[i] as Fate) }))

    rows.push(row(policy.name, results.map(({ time }) => time), mean(results.map(({ starts }) => starts.length)), mean(results.map(({ connected }) => Number(connected)))))
  }

  rows.push(row('oracle', drawn.map(fates => Math.min(...fates.map(({ connects, ends = Infinity }) => connects ? ends : Infinity))), 1, 1))
  console.log(`${renderTable([scenario.name, 'mean ms', 'p95', 'dials', 'ms + 30 x dials', 'connected'], rows)}\n`)
}

function row (name: string, times: readonly number[], dials: number, connected: number): string[] {
  const time = mean(times)

  return [name, time.toFixed(0), quantile(0.95)(times).toFixed(0), dials.toFixed(2), (time + LAMBDA * dials).toFixed(0), `${(connected * 100).toFixed(1)} %`]
}
