import { fc } from '@fast-check/ava'
import { sleep } from '../../src/pipeline/clock.ts'
import { fallback, filter, gather, hold, pace, pipeline, prefer, retry, stage, timeout } from '../../src/pipeline/index.ts'
import { attemptRetry, attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { gater } from '../../src/stages/gater.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { take } from '../../src/stages/take.ts'
import type { AttemptLayer, Candidate, DialPipeline, Rule } from '../../src/pipeline/types.ts'

/** Milliseconds, longer than anything takes that ends at all */
export const FOR_EVER = 3_600_000

/** Reasonable and hostile timing rules */
const timing = fc.oneof(
  fc.constantFrom(stagger(), stagger(1), sequential(), goDelays()),
  fc.nat(2_000).map(ms => stagger(ms)),
  fc.tuple(fc.constantFrom(pace, hold), fc.constantFrom<Rule>(
    () => Infinity,
    () => -Infinity,
    () => Number.MAX_SAFE_INTEGER,
    () => 0,
    ({ startedAt }) => startedAt,
    ({ lastStart, untried }) => candidate => candidate === untried.at(-1) ? lastStart + 50 : Infinity,
    ({ lastStart, untried, outcomes }) => candidate => candidate === untried[outcomes.length % untried.length] ? lastStart + outcomes.length : Infinity
  )).map(([make, hostile]) => make('hostile', hostile))
)

const layers = fc.constantFrom<Array<readonly AttemptLayer[] | undefined>>(undefined, [attemptTimeout(3_000)], [attemptRetry(1), attemptTimeout(2_500)], [attemptTimeout(5_000), attemptRetry(2)])

const isOdd = ({ multiaddr }: Candidate): boolean => Number(multiaddr.getComponents()[0]?.value?.split('.').at(-1)) % 2 === 1

const preference = fc.option(fc.record({ after: fc.option(fc.nat(3_000), { nil: undefined }) }), { nil: undefined })

/** The number of runs of these stages that have begun and not ended */
export const runs = { open: 0 }

const keep = stage({
  name: 'keep',
  accepts: ['connections'],
  yields: 'connections',
  run: async function * (connections, dial) {
    dial.linger()
    runs.open++

    try {
      yield * connections
    } finally {
      runs.open--
    }
  }
})

const watched = stage('watched', ({ signal }) => {
  runs.open++
  signal.addEventListener('abort', () => { runs.open-- })

  return ({ candidates }) => candidates
})

export interface Shape {
  whole: DialPipeline
  repeats: boolean
}

/** Pipelines that connect if the peer can be reached */
export const complete: fc.Arbitrary<Shape> = fc.record({
  timing,
  preference,
  asks: fc.nat(300),
  around: fc.constantFrom('nothing', 'fallback', 'retry', 'timeout', 'keep')
}).map(({ timing, preference, asks, around }) => {
  const slow = filter('slow', async (_candidate, dial) => sleep(asks, dial.clock, dial.signal).then(() => true), { forRelays: false })
  const above = pipeline(fromCaller(), watched, ...asks === 0 ? [] : [slow])
  const below = preference == null ? pipeline(timing, watched, race()) : pipeline(timing, prefer(isOdd, preference), watched, race())

  return { whole: around === 'keep' ? pipeline(above, below, keep) : pipeline(above, wrapped(around, below)), repeats: around === 'retry' }
})

function wrapped (around: string, below: any): any {
  switch (around) {
    case 'fallback': return fallback(pipeline(filter('odd', isOdd, { forRelays: false }), below), below)
    case 'retry': return retry(below, { retries: 2, delay: 300 })
    case 'timeout': return timeout(FOR_EVER / 2, below)
    default: return below
  }
}

/** Pipelines that may fail even if the peer can be reached */
export const wild: fc.Arbitrary<Shape> = fc.record({
  timing,
  preference,
  attempt: layers,
  most: fc.nat(6),
  stored: fc.constantFrom('always', 'empty', 'exhausted', undefined),
  gathers: fc.option(fc.nat(500), { nil: undefined }),
  asksGater: fc.boolean(),
  ms: fc.nat(8_000),
  breaksAfter: fc.option(fc.nat(30), { nil: undefined }),
  around: fc.constantFrom('nothing', 'fallback', 'retry', 'timeout', 'both', 'keep')
}).map(({ timing, preference, attempt, most, stored, gathers, asksGater, ms, breaksAfter, around }) => {
  const breaks = stage('breaks', (_dial, work) => {
    let asked = 0
    work.hold(() => {
      if (asked++ === breaksAfter) {
        throw new Error('Broken')
      }

      return 0
    })

    return ({ candidates }) => candidates
  })
  const list = [fromCaller(), ...stored == null ? [] : [fromPeerStore({ when: stored as 'empty' }), fromRouting({ when: 'exhausted' })], watched, ...gathers == null ? [] : [gather(gathers)], ...asksGater ? [gater()] : [], take(most), timing, breaks, ...preference == null ? [] : [prefer(isOdd, preference)]]
  const below: any = pipeline(watched, race({ attempt }))
  const connects = around === 'timeout'
    ? fallback(timeout(ms, below), below)
    : around === 'both' ? retry(fallback(timeout(ms, below), pipeline(filter('odd', isOdd, { forRelays: false }), below))) : wrapped(around, below)
  const whole: any = (pipeline as any)(...list, connects, ...around === 'keep' ? [keep] : [])

  return { whole, repeats: around === 'retry' || around === 'both' || attempt?.length === 2 }
})
