// npm run fuzz -- --cases 20000 --from 1     runs many seeds, in one worker for each core
// npm run fuzz -- --seed 123                 replays one seed, and searches for the shortest script that still fails
// npm run fuzz -- --seed 123 --only 0,3      replays only these actions of its script
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { partsOf } from '../../src/pipeline/runtime/make-stage.ts'
import { runCase } from './case.ts'
import { watchFaults } from './faults.ts'
import { runCases } from './pool.ts'
import { makeScene } from './scene.ts'
import { addStatistics } from './statistics.ts'
import type { Statistics } from './statistics.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: `${availableParallelism()}` },
    seed: { type: 'string' },
    only: { type: 'string' }
  }
})

if (values.seed == null) {
  await runMany(Number(values.from), Number(values.cases), Number(values.workers))
} else {
  await replay(Number(values.seed), values.only?.split(',').map(Number))
}

async function runMany (from: number, cases: number, workers: number): Promise<void> {
  const startedAt = performance.now()
  const statistics: Statistics = {}
  let done = 0
  let failing = 0

  await runCases({
    from,
    cases,
    workers,
    onResult: ({ seed, violations, statistics: more }) => {
      done++
      addStatistics(statistics, more)

      if (violations.length > 0) {
        failing++
        process.exitCode = 1
        console.log([`seed ${seed}: npm run fuzz -- --seed ${seed}`, ...violations.slice(0, 5)].join('\n  '))
      }

      if (done % 1_000 === 0) {
        console.log(`${done} cases, ${failing} failing, ${Math.round((performance.now() - startedAt) / 1_000)} s`)
      }
    }
  })

  console.log(`${done} cases, ${failing} failing, ${Math.round((performance.now() - startedAt) / 1_000)} s`)
  console.log(Object.entries(statistics).toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`).join(', '))
}

/** Runs one case in this thread, for a debugger */
async function replay (seed: number, only?: readonly number[]): Promise<void> {
  const { script, pipelines, settings } = makeScene(seed)
  console.log('pipelines', pipelines.map(({ init }) => describePipeline(init)))
  console.log(JSON.stringify(settings))
  script.forEach(({ when, microtasks, act }, i) => {
    console.log(i, typeof when === 'number' ? `${when} ms` : `${when.nth}. ${when.moment}`, `+${microtasks}`, describeAct(act))
  })
  watchFaults()
  const { violations, digest, statistics } = await runCase(seed, { only })
  console.log({ violations, digest, statistics: Object.keys(statistics) })

  if (violations.length > 0 && only == null) {
    console.log(`smallest script: npm run fuzz -- --seed ${seed} --only ${(await shrink(seed, script.map((_, i) => i))).join()}`)
  }

  process.exit(violations.length === 0 ? 0 : 1)
}

/** Drops actions one by one as long as the case still fails */
async function shrink (seed: number, actions: number[]): Promise<number[]> {
  for (const action of actions.toReversed()) {
    const fewer = actions.filter(one => one !== action)

    if ((await runCase(seed, { only: fewer })).violations.length > 0) {
      actions = fewer
    }
  }

  return actions
}

function describePipeline (stage: AnyStage): string {
  const parts = partsOf(stage)

  return parts.length === 0 ? stage.name : `${stage.name === 'pipeline' ? '' : stage.name}(${parts.map(describePipeline).join(' ')})`
}

function describeAct ({ kind, ...rest }: any): string {
  return `${kind} ${JSON.stringify(rest, (_, value) => value?.publicKey != null || typeof value?.getComponents === 'function' ? String(value).slice(0, 100) : value)}`
}
