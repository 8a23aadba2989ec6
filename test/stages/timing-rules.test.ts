// timing rules set times and not the order, so their own order makes no difference
import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { filter, goDelays, hold, localHearsayLater, oddsPace, prefer, relaysLater, sequential, stagger } from '../../src/stages/index.ts'
import { dose } from '../support/dose.ts'
import { cand, onList } from './on-list.ts'
import { ROWS } from './relay-rows.ts'
import { startsOf, timedList } from './timing-lists.ts'
import type { AnyStage, Candidate, RaceState } from '../../src/pipeline/types.ts'
import type { Start, TimedAddress } from './timing-lists.ts'

const PACES: Record<string, AnyStage> = { stagger: stagger(100), sequential: sequential(), oddsPace: oddsPace(), goDelays: goDelays() }

const isCertified = (candidate: Candidate): boolean => candidate.isCertified

const RULES: Record<string, AnyStage> = {
  ...PACES,
  relaysLater: relaysLater(400),
  prefer: prefer(isCertified),
  localHearsayLater: localHearsayLater(),
  'a hold of relays': hold('after-the-first', race => ({ facts }) => facts.isRelayed ? race.firstStart + 500 : 0)
}

test('RULES lists each stage that registers a timing rule', async t => {
  const rows = Object.entries(ROWS).map(([row, { make }]) => [row.split(' ')[0] as string, make({})] as const)
  const lists = rows.filter(([name, { accepts, yields }]) => name !== 'pace' && name !== 'hold' && yields === 'candidates' && 'candidates' in accepts)
  const timing = await Promise.all(lists.map(async ([name, stage]) => (await onList(stage, [cand('/ip4/192.0.2.1/tcp/1')])).rules.length > 0 ? [name] : []))

  t.deepEqual([...new Set(timing.flat())].toSorted(), Object.keys(RULES).filter(name => !name.includes(' ')).toSorted())
})

const pairs = Object.entries(RULES).flatMap(([a, one], i, all) => all.slice(i + 1).map(([b, other]) => [`${a} and ${b}`, one, other] as const))

for (const [names, one, other] of pairs) {
  testProp(`${names}: the same attempts start at the same times in either order`, [timedList, fc.constantFrom({}, {}, {}, { initiator: false })], async (t, list, options) => {
    t.deepEqual(await startsOf(list, [one, other], options), await startsOf(list, [other, one], options))
  }, { numRuns: dose(500, 20) })
}

/** Returns the starts until the first connection. After it, only candidates before the winner count */
function untilConnected (starts: readonly Start[], list: readonly TimedAddress[]): readonly Start[] {
  const ends = starts.map(({ candidate, at }) => {
    const script = list.find(one => one.candidate === candidate)?.script

    return typeof script === 'object' && 'connects' in script ? at + script.connects : Infinity
  })

  return starts.filter(({ at }) => at < Math.min(...ends))
}

const isFromRouting = ({ provenance }: Candidate): boolean => provenance.some(({ source }) => source === 'routing')
const notFromRouting = filter('not-from-routing', one => !isFromRouting(one) || 'from routing')

for (const [name, pace] of Object.entries(PACES)) {
  testProp(`prefer() with ${name}: no other candidate starts while a preferred one is untried and not dropped`, [timedList, fc.option(fc.nat(600), { nil: undefined })], async (t, list, after) => {
    const starts = untilConnected(await startsOf(list, [notFromRouting, pace, prefer(isCertified, { after })]), list)
    const preferred = starts.filter(({ candidate }) => candidate.isCertified)
    const rest = (preferred[0]?.at ?? Infinity) + (after ?? Infinity)

    const early = starts.filter(one => !preferred.includes(one) && one.at < rest).filter(({ at }) => {
      const started = new Set(preferred.flatMap(one => one.at <= at ? [one.candidate] : []))

      return list.some(one => one.candidate.isCertified && one.after < at && !isFromRouting(one.candidate) && !started.has(one.candidate))
    })
    t.deepEqual(early, [])
  }, { numRuns: dose(500) })
}

/** Milliseconds for which each candidate is held from the start of the race, and the times at which the race asked */
interface Asked {
  at: number
  untried: readonly Candidate[]
  heldOf (candidate: Candidate): number
}

const waits = fc.constantFrom(0, 150, 600, Infinity)

for (const [name, pace] of Object.entries(PACES).filter(([name]) => name !== 'goDelays')) {
  testProp(`prefer() beside another hold, with ${name}: the candidate held least starts first`, [timedList, fc.array(waits, { minLength: 7, maxLength: 7 }), fc.nat(600)], async (t, list, held, after) => {
    const asked: Asked[] = []
    const waitOf = (candidate: Candidate): number => held[list.findIndex(one => one.candidate === candidate)] ?? 0

    const observed = hold('observed', (race, { clock }) => {
      asked.push({ at: clock.now() - race.startedAt, untried: race.untried, heldOf: heldBy(race, after, waitOf) })

      return candidate => race.startedAt + waitOf(candidate)
    })

    const starts = untilConnected(await startsOf(list, [observed, pace, prefer(isCertified, { after })]), list)
    const outOfTurn = starts.filter(({ candidate, at }) => {
      const { untried, heldOf } = asked.findLast(one => one.at === at && one.untried.includes(candidate)) as Asked
      const open = untried.filter(one => heldOf(one) <= at && isAlone(one, list))
      const rivals = open.length === 0 && heldOf(candidate) > at ? untried : open

      return heldOf(candidate) > Math.min(...rivals.map(heldOf))
    })
    t.deepEqual(outOfTurn, [])
  }, { numRuns: dose(500) })
}

/** Returns the combined time of prefer() and a hold */
function heldBy ({ untried, inFlight, outcomes, startedAt }: RaceState, after: number, waitOf: (candidate: Candidate) => number): (candidate: Candidate) => number {
  const hasPreferred = [...untried, ...inFlight.map(({ candidate }) => candidate)].some(isCertified)
  const firstPreferred = Math.min(...[...inFlight, ...outcomes].flatMap(one => isCertified(one.candidate) ? [one.startedAt - startedAt] : []))

  return candidate => Math.max(waitOf(candidate), hasPreferred && !isCertified(candidate) ? firstPreferred + after : 0)
}

/** Returns whether the race does not hold the candidate because of its host */
function isAlone ({ id, facts }: Candidate, list: readonly TimedAddress[]): boolean {
  return list.every(({ candidate }) => candidate.id === id || candidate.facts.tcpHosts.every(host => !facts.tcpHosts.includes(host)))
}
