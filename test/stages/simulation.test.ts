import test from 'ava'
import { seeded } from '../../bench/network/random.ts'
import { mean } from '../../bench/network/statistics.ts'
import { simulate } from '../../bench/simulate/model.ts'
import { policies, prepare } from '../../bench/simulate/policies.ts'
import { fatesOf, scenarios } from '../../bench/simulate/scenarios.ts'
import { pipeline, stage } from '../../src/pipeline/index.ts'
import { race } from '../../src/stages/race.ts'
import { dialled, tryOut } from '../testing/try-out.ts'
import type { Fate } from '../../bench/simulate/model.ts'
import type { Policy } from '../../bench/simulate/policies.ts'
import type { Scenario } from '../../bench/simulate/scenarios.ts'
import type { StageRule } from '../../src/pipeline/runtime/rules.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

/** The floor of 10 ms is the race's own */
const raced = policies.filter(({ floor }) => floor == null)

for (const scenario of scenarios) {
  test(`${scenario.name}: the model of a race starts what a race starts, at the same times`, async t => {
    for (const policy of raced) {
      const { candidates, rules, indexes } = prepare(scenario, policy)
      const random = seeded(7)

      for (let peer = 0; peer < 3; peer++) {
        const drawn = fatesOf(scenario, random)
        const fates = indexes.map(i => drawn[i] as Fate)
        const { starts, time } = simulate({ candidates, rules, fates })
        const trial = tryOut(t, pipeline(timedBy(rules), race()))
        candidates.forEach((one, i) => { trial.script([one], scriptOf(fates[i] as Fate)) })
        trial.give({ candidates })
        await trial.pass(time)

        // the trial's clock counts from the epoch, and has no more digits
        t.deepEqual(dialled(trial).map(one => Number(one.split('@')[1]).toFixed(2)), starts.map(at => at.toFixed(2)), policy.name)
      }
    }
  })
}

test('with history the odds rule is faster than a fixed delay of 250 ms, and where addresses are good with fewer dials', async t => {
  for (const [name, faster, fewer] of [['4 healthy', 0.95, 0.9], ['8 stale', 0.5, 1.5], ['IPv6 broken', 0.35, 0.4], ['half online', 0.7, 1.3], ['first or none', 0.95, 0.9], ['direct and relay', 1, 0.8]] as const) {
    const [fixed, odds] = await Promise.all(['fixed 250', 'odds 100'].map(async policy => outcome(name, policy)))

    t.true((odds?.time ?? NaN) <= (fixed?.time ?? NaN) * faster, `${name}: ${odds?.time} ms, not ${fixed?.time}`)
    t.true((odds?.dials ?? NaN) <= (fixed?.dials ?? NaN) * fewer, `${name}: ${odds?.dials} dials, not ${fixed?.dials}`)
  }
})

test('a new node is nowhere slower than with a fixed delay', async t => {
  for (const { name } of scenarios) {
    const [fixed, odds] = await Promise.all(['fixed 250', 'odds 30, cold'].map(async policy => outcome(name, policy)))

    t.true((odds?.time ?? NaN) < (fixed?.time ?? NaN), `${name}: ${odds?.time} ms, not ${fixed?.time}`)
  }
})

test('the dearer a dial, the fewer', async t => {
  for (const { name } of scenarios) {
    const [frugal, usual, aggressive] = await Promise.all(['odds 100', 'odds 30', 'odds 10'].map(async policy => outcome(name, policy)))

    t.true((frugal?.dials ?? NaN) <= (usual?.dials ?? NaN) && (usual?.dials ?? NaN) <= (aggressive?.dials ?? NaN), name)
    t.true((frugal?.time ?? NaN) >= (usual?.time ?? NaN) && (usual?.time ?? NaN) >= (aggressive?.time ?? NaN), name)
  }
})

async function outcome (scenarioName: string, policyName: string): Promise<{ time: number, dials: number }> {
  const scenario = scenarios.find(({ name }) => name === scenarioName) as Scenario
  const policy = policies.find(({ name }) => name === policyName) as Policy
  const { candidates, rules, indexes } = prepare(scenario, policy)
  const random = seeded(1)
  const results = Array.from({ length: 500 }, () => fatesOf(scenario, random)).map(fates => simulate({ candidates, rules, fates: indexes.map(i => fates[i] as Fate) }))

  return { time: mean(results.map(({ time }) => time)), dials: mean(results.map(({ starts }) => starts.length)) }
}

/** A stage that has these rules */
function timedBy (rules: readonly StageRule[]) {
  return stage('timed', (_dial, work) => {
    rules.forEach(rule => { (rule.isPace ? work.pace : work.hold).call(work, race => rule.ask(race)) })

    return ({ candidates }) => candidates
  })
}

function scriptOf ({ connects, ends, firstResponse }: Fate): Script {
  return ends == null ? 'silent' : connects ? { connects: ends, firstResponse } : { refuses: ends }
}
