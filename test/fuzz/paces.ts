import { hold, pace, prefer } from '../../src/pipeline/authoring/pace.ts'
import { goDelays } from '../../src/stages/go-delays.ts'
import { oddsPace } from '../../src/stages/odds-pace.ts'
import { sequential } from '../../src/stages/sequential.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { hash, oddNumber } from './random.ts'
import type { Random } from './random.ts'
import type { AnyStage, Candidate, Rule } from '../../src/pipeline/types.ts'

export const isOdd = ({ id }: Candidate): boolean => hash(id) % 2 === 1

/** Returns a random timing rule of a user: a strange but legal one, or one that breaks the rules */
function wildRule (random: Random): Rule {
  const ms = random.below(3_000)

  return random.weigh<Rule>([
    [2, () => Infinity],
    [1, () => -Infinity],
    [2, () => 0],
    [2, ({ lastStart }) => lastStart + 60],
    [2, ({ startedAt }) => startedAt + ms],
    [2, ({ firstStart }) => firstStart + ms],
    [2, () => Number.MAX_SAFE_INTEGER],
    [2, ({ complete }) => complete ? 0 : Infinity],
    [2, ({ inFlight, lastStart }) => inFlight.length > 2 ? Infinity : lastStart + 20],
    [2, ({ untried, lastStart }) => one => one === untried.at(-1) ? lastStart + 50 : Infinity],
    [2, ({ untried, outcomes, lastStart }) => one => one === untried[outcomes.length % untried.length] ? lastStart + 70 * outcomes.length : Infinity],
    [2, ({ startedAt }) => one => startedAt + hash(one.id) % 2_000],
    [1, ({ outcomes }) => one => isOdd(one) && outcomes.length < 2 ? Infinity : 0],
    [0.4, () => Number.NaN],
    [0.4, () => 'soon' as any],
    [0.4, () => () => Number.NaN],
    [0.4, () => -5],
    [0.4, () => undefined as any],
    [0.4, (async () => 250) as any],
    [0.4, () => { throw new Error('the rule threw') }],
    [0.4, () => () => { throw new Error('the rule threw for a candidate') }],
    [0.4, 250 as any]
  ])
}

export function randomPace (random: Random): AnyStage {
  return random.weigh<() => AnyStage>([
    [4, () => stagger(oddNumber(random, random.pick([0, 1, 10, 250, 1_000])))],
    [2, sequential],
    [2, () => prefer(isOdd, { after: random.chance(0.3) ? undefined : oddNumber(random, random.below(3_000)) })],
    [2, () => oddsPace({ costPerDial: oddNumber(random, 30) })],
    [1, goDelays],
    [3, () => pace('wild-pace', wildRule(random))],
    [3, () => hold('wild-hold', wildRule(random))]
  ])()
}
