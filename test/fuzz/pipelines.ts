import { fallback, pipelineOf, retry, stage, timeout } from '../../src/pipeline/index.ts'
import { fromCaller, race } from '../../src/stages/index.ts'
import { randomListStage } from './lists.ts'
import { randomPace } from './paces.ts'
import { accepted, randomRace } from './races.ts'
import { oddNumber } from './random.ts'
import { randomSource } from './sources.ts'
import type { Part } from './races.ts'
import type { Random } from './random.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'

/** Returns a part that connects: a race, or combinators of such parts */
function randomConnecting (random: Random, traits: Set<string>, depth = 0): Part {
  const inner = (): Part => randomConnecting(random, traits, depth + 1)

  if (depth > 2 || random.chance(0.55)) {
    return randomRace(random, traits)
  }

  switch (random.below(4)) {
    case 0: {
      const parts = random.list(3, inner, 1)
      traits.add('fallback')

      return {
        init: fallback(...parts.map(({ init }) => init) as [any]),
        outcomes: parts.some(({ mayRepeat }) => mayRepeat) ? sum(parts.map(({ outcomes }) => outcomes)) : 1,
        starts: sum(parts.map(({ starts }) => starts)),
        calls: Math.max(...parts.map(({ calls }) => calls)),
        mayRepeat: parts.some(({ mayRepeat }) => mayRepeat)
      }
    }

    case 1: {
      const { init, outcomes, starts, calls } = inner()
      // retry() rejects a value that is not a number of retries
      const retries = random.chance(0.95) ? random.between(0, 2) : random.pick<any>([Number.NaN, 'text', -1])
      const runs = Math.max(0, Number(retries) || 0) + 1
      traits.add('retry')

      return { init: accepted(() => retry(init as any, { retries, delay: oddNumber(random, random.below(2_000)) }))[0] ?? init, outcomes: outcomes * runs, starts: starts * runs, calls, mayRepeat: true }
    }

    case 2: {
      const part = inner()
      traits.add('timeout')

      return { ...part, init: accepted(() => timeout(oddNumber(random, random.below(6_000)), part.init as any))[0] ?? part.init }
    }

    default: {
      const part = inner()
      const above = random.list(2, () => accepted(() => randomListStage(random, traits)), 1).flat()

      return { ...part, init: pipelineOf([...above, part.init]) }
    }
  }
}

/**
 * Returns a random pipeline in `init`. One of four is plain, so that its dials work
 *
 * @param onLastCall called when a race has nothing left to try
 */
export function randomPipeline (random: Random, traits: Set<string>, onLastCall: () => void): Part & { init: DialPipeline } {
  const watched = stage('watched', () => ({ candidates, last }) => {
    if (last) {
      onLastCall()
    }

    return candidates
  })

  if (random.chance(0.25)) {
    return { init: pipelineOf([fromCaller(), ...accepted(() => randomPace(random)), watched, race()]), outcomes: 1, starts: 1, calls: 1, mayRepeat: false }
  }

  const sources = random.list(3, () => accepted(() => randomSource(random, traits))).flat()
  const own = random.chance(0.85) || sources.length === 0 ? [fromCaller()] : []
  const first = random.chance(0.7) ? [...own, ...sources] : [...sources, ...own]
  const lists = random.list(random.pick([1, 2, 4]), () => accepted(() => randomListStage(random, traits))).flat()
  const connecting = randomConnecting(random, traits)
  const stages = [...first, ...lists, watched, connecting.init]
  const cut = random.between(1, stages.length - 1)
  const nested = random.chance(0.3) ? [pipelineOf(stages.slice(0, cut)), pipelineOf(stages.slice(cut))] : stages

  return { ...connecting, init: pipelineOf(nested) }
}

function sum (numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
