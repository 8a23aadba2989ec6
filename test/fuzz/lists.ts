import { candidate } from '../../src/pipeline/candidate.ts'
import { sleep } from '../../src/pipeline/clock.ts'
import { expand, filter, gather, onlyIfNone, rank, rankBy, stage, when } from '../../src/pipeline/index.ts'
import * as stages from '../../src/stages/index.ts'
import { numberedAddress } from './addresses.ts'
import { never } from './fuzz-clock.ts'
import { handWritten } from './hand-written.ts'
import { isOdd, randomPace } from './paces.ts'
import { hash, oddNumber } from './random.ts'
import type { Random } from './random.ts'
import type { ExpandCandidate } from '../../src/pipeline/authoring/expand.ts'
import type { Judge } from '../../src/pipeline/authoring/filter.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'

const UNHEARD = new AbortController().signal

function randomJudge (random: Random): Judge {
  const salt = random.below(1_000)
  const ms = random.below(4_000)
  const isHit = (id: string): boolean => hash(`${salt} ${id}`) % 4 === 0
  const [odd, later] = [random.pick<any>([undefined, 1, 'a reason']), random.pick<any>([false, 'a reason', true])]

  return random.weigh<Judge>([
    [4, ({ id }) => !isHit(id)],
    [3, async ({ id }, dial) => sleep(ms, dial.clock, dial.signal).then(() => isHit(id) ? later : true)],
    [1, async (_, dial) => sleep(ms, dial.clock, UNHEARD).then(() => true)],
    [2, ({ id }) => { if (isHit(id)) { throw new Error('the judge threw') } return true }],
    [2, async ({ id }) => { if (isHit(id)) { throw undefined as unknown as Error } return true }],
    [1, async (_, dial) => sleep(ms, dial.clock, UNHEARD).then(() => { throw new Error('the judge rejected') })],
    [1, async ({ id }) => isHit(id) ? never() : true],
    [0.3, ({ id }) => isHit(id) ? odd : true],
    [0.3, async () => never()],
    [1, () => false]
  ])
}

function randomExpansion (random: Random, traits: Set<string>): ExpandCandidate {
  const ms = random.below(3_000)
  const many = (count: number) => Array.from({ length: count }, (_, i) => candidate(numberedAddress(i)))
  traits.add('expand')

  return random.weigh<ExpandCandidate>([
    [3, one => [one]],
    [2, one => isOdd(one) ? [one, ...many(3)] : [one]],
    [2, async (one, dial) => sleep(ms, dial.clock, dial.signal).then(() => [one])],
    [1, one => isOdd(one) ? [] : [one]],
    [1, async one => isOdd(one) ? never() : [one]],
    [1, one => { if (isOdd(one)) { throw new Error('the expansion threw') } return [one] }],
    [1, async () => { throw undefined as unknown as Error }],
    [1, async function * (one) { while (true) { yield one } }],
    [1, async function * (one) { for (let n = 0; ; n++) { yield n % 2 === 0 ? one : candidate(numberedAddress(n % 200)) } }],
    [1, async function * (one) { yield one; throw new Error('the expansion threw later') }],
    [0.5, () => many(300)],
    [0.3, () => undefined as any],
    [0.3, async () => ['text'] as any]
  ])
}

function kept (random: Random): AnyStage {
  const { giveUp, blackHole, bans, certified, publicAddresses, scope, transports, unshadowed, dialable, gater, backoff, quota, take, provenance } = stages

  return random.weigh<() => AnyStage>([
    [4, dialable], [3, gater], [2, () => take(oddNumber(random, random.below(8)))], [2, () => quota({ reporter: oddNumber(random, random.below(3)) })],
    [2, () => backoff({ base: oddNumber(random, 5_000) })], [1, () => giveUp({ attempts: oddNumber(random, 4) })], [1, blackHole], [1, bans], [1, certified],
    [1, publicAddresses], [1, scope], [1, () => transports('tcp')], [1, unshadowed], [1, provenance]
  ])()
}

function ranked (random: Random): AnyStage {
  const salt = random.below(1_000)
  let asked = 0

  return random.weigh<() => AnyStage>([
    [3, () => rank('by-hash', (a, b) => hash(`${salt} ${a.id}`) - hash(`${salt} ${b.id}`))],
    [2, () => rankBy('by-number', ({ id }) => random.pick([undefined, 1, Infinity, hash(id) % 5]))],
    [1, () => stage('turns', () => ({ candidates }) => asked++ % 2 === 0 ? candidates : candidates.toReversed())],
    [1, () => stage('fewer', () => ({ candidates }) => candidates.slice(asked++ % 3))],
    [0.3, () => rankBy('no-number', () => random.pick<any>([Number.NaN, 'text', null, never()]))],
    [0.3, () => rank('not-a-number', () => Number.NaN)],
    [0.3, () => rank('throws', () => { throw new Error('the comparator threw') })],
    [2, () => stages.byHistory({ explore: random.next() })],
    [2, () => stages.byReputation(async ({ id }, dial) => sleep(hash(id) % 500, dial.clock, dial.signal).then(() => hash(id) % 7), { minScore: oddNumber(random, 1) })],
    [1, stages.libp2pOrder], [1, stages.byDirect], [1, stages.goOrder], [1, stages.byCertified], [1, stages.byProvenance], [1, stages.relaysLater], [1, stages.byQuic]
  ])()
}

function conditional (random: Random, traits: Set<string>): AnyStage {
  const predicate = random.weigh<() => boolean>([[3, () => true], [3, () => false], [1, () => { throw new Error('the predicate threw') }]])

  return when(predicate, randomListStage(random, traits) as any)
}

/** Returns a random stage from list to list */
export function randomListStage (random: Random, traits: Set<string>): AnyStage {
  return random.weigh<() => AnyStage>([
    [5, () => filter('judge', randomJudge(random))],
    [2, () => stage('compare', (_dial, work) => ({ candidates }) => candidates.filter(one => {
      const isKept = isOdd(one) || candidates.length < 5

      if (!isKept) {
        work.drop(one, 'too many')
      }

      return isKept
    }))],
    [3, () => expand('expand', randomExpansion(random, traits))],
    [2, () => stages.resolve()], [1, stages.lookup],
    [5, () => kept(random)],
    [4, () => ranked(random)],
    [6, () => randomPace(random)],
    [1, () => gather(oddNumber(random, random.below(2_000)))],
    [1, () => onlyIfNone(isOdd, { after: random.chance(0.5) ? undefined : oddNumber(random, random.below(2_000)) })],
    [1, () => conditional(random, traits)],
    [2, () => handWritten(random, traits)]
  ])()
}
