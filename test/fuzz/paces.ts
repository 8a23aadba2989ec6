import { pace } from '../../src/pipeline/pace.ts'
import { prefer } from '../../src/pipeline/prefer.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { oddsPace } from '../../src/stages/odds-pace.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { hash, oddNumber } from './random.ts'
import type { Random } from './random.ts'
import type { AnyStageInit, Candidate, Pace } from '../../src/pipeline/types.ts'

export const isOdd = ({ id }: Candidate): boolean => hash(id) % 2 === 1

function first (at: (now: number) => any): Pace {
  return ({ untried: [candidate], now }) => candidate == null ? undefined : { candidate, at: at(now) }
}

/** Paces of users: legal ones that are strange, and ones that break the rules */
function wildPace (random: Random): (above: Pace) => Pace {
  return random.weigh<(above: Pace) => Pace>([
    [2, () => () => undefined],
    [2, () => first(now => now)],
    [2, () => first(() => 0)],
    [2, () => first(now => now + 60)],
    [2, () => first(() => Number.MAX_SAFE_INTEGER)],
    [2, () => ({ untried, now }) => untried.length === 0 ? undefined : { candidate: untried.at(-1) as Candidate, at: now + 50 }],
    [2, () => ({ untried, outcomes, now }) => untried.length === 0 ? undefined : { candidate: untried[outcomes.length % untried.length] as Candidate, at: now + 70 * outcomes.length }],
    [1, above => state => above({ ...state, inFlight: [], outcomes: [] })],
    [1, above => state => above({ ...state, untried: [] })],
    [0.4, () => first(() => Number.NaN)],
    [0.4, () => first(() => 'soon')],
    [0.4, () => first(() => Infinity)],
    [0.4, () => first(() => -5)],
    [0.4, () => () => 250 as any],
    [0.4, () => () => { throw new Error('the pace threw') }],
    [0.4, () => 250 as any]
  ])
}

export function randomPace (random: Random): AnyStageInit {
  return random.weigh<() => AnyStageInit>([
    [4, () => stagger(oddNumber(random, random.pick([0, 1, 10, 250, 1_000])))],
    [2, sequential],
    [2, () => prefer(isOdd, { after: random.chance(0.3) ? undefined : oddNumber(random, random.below(3_000)) })],
    [2, () => oddsPace({ lambda: oddNumber(random, 30) })],
    [1, goDelays],
    [4, () => pace('wild', wildPace(random))]
  ])()
}
