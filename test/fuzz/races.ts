import { sleep } from '../../src/pipeline/clock.ts'
import { pipelineOf } from '../../src/pipeline/index.ts'
import { attemptRetry, attemptTimeout, converge, race, requireProtocol, verify } from '../../src/stages/index.ts'
import { never } from './fuzz-clock.ts'
import { handWrittenBelow } from './hand-written.ts'
import { randomListStage } from './lists.ts'
import { hash, oddNumber } from './random.ts'
import type { Random } from './random.ts'
import type { AnyStage, AttemptLayer } from '../../src/pipeline/types.ts'
import type { CheckConnection } from '../../src/pipeline/connection-check.ts'

/** A part of a pipeline, with the maximum number of times that one dial may dial one address through it */
export interface Part {
  init: AnyStage
  /** Attempts with an outcome */
  outcomes: number
  /** Started attempts, including cancelled ones */
  starts: number
  /** Transport dials for each attempt */
  calls: number
  /** Whether the next alternative of a fallback may repeat addresses: a retry has its own memory, and a stage below a race may reject connections */
  mayRepeat: boolean
}

/** Calls a factory. Returns an empty array if it rejects its arguments with an Error */
export function accepted<T> (make: () => T): T[] {
  try {
    return [make()]
  } catch (err) {
    if (err instanceof Error) {
      return []
    }

    throw new TypeError('A factory threw what is no Error', { cause: err })
  }
}

function randomLayers (random: Random): { attempt?: AttemptLayer[], calls: number } {
  let calls = 1

  const attempt = random.list(3, (): AttemptLayer[] => {
    const retries = random.between(1, 2)

    return accepted(random.weigh<() => AttemptLayer>([
      [6, () => attemptTimeout(oddNumber(random, random.between(100, 5_000)))],
      [3, () => {
        calls *= retries + 1
        return attemptRetry(random.chance(0.95) ? retries : Number.NaN, { delay: oddNumber(random, random.below(400)) })
      }],
      [0.5, () => () => { throw new Error('the layer threw') }],
      [0.5, () => next => async (one, options) => hash(one.id) % 3 === 0 ? never() : next(one, options)],
      [0.5, () => next => async (one, options) => next(one, options).then(connection => sleep(50, options.clock, options.signal).then(() => connection))],
      [0.5, () => next => async (one, options) => next(one, options).then(() => undefined as any)],
      [0.5, () => {
        calls *= 2
        return next => async (one, options) => next(one, options).then(async () => next(one, options))
      }],
      [0.3, () => () => 'text' as any]
    ]))
  }).flat()

  return random.chance(0.5) ? { calls: 1 } : { attempt, calls }
}

function randomCheck (random: Random): CheckConnection {
  return random.weigh<CheckConnection>([
    [4, () => true], [2, async () => false], [1, () => 'not wanted'], [1, () => { throw new Error('the check threw') }],
    [1, never], [1, () => Number.NaN as any], [1, async () => { throw undefined as unknown as Error }]
  ])
}

/** Returns a race with layers around its attempts, and stages above and below it */
export function randomRace (random: Random, traits: Set<string>): Part {
  const { attempt, calls } = randomLayers(random)
  const above = random.list(random.pick([0, 1, 2]), () => accepted(() => randomListStage(random, traits))).flat()
  const below = random.chance(0.3)
    ? random.list(2, () => accepted(random.weigh<() => AnyStage>([
      [4, () => verify(randomCheck(random), { timeout: oddNumber(random, random.between(100, 4_000)) })],
      [4, () => {
        traits.add('lingers')
        return converge({ linger: oddNumber(random, random.below(3_000)) })
      }],
      [0.3, () => requireProtocol('/none/1.0.0')],
      [2, () => handWrittenBelow(random, traits)]
    ]))).flat()
    : []

  return { init: pipelineOf([...above, race({ attempt }), ...below]), outcomes: 1, starts: 1, calls, mayRepeat: below.some(({ name }) => name !== 'converge') }
}
