import { fc, testProp } from '@fast-check/ava'
import { sleep } from '../../../src/pipeline/clock.ts'
import { expand } from '../../../src/pipeline/authoring/expand.ts'
import { fallback } from '../../../src/pipeline/combinators/fallback.ts'
import { retry } from '../../../src/pipeline/combinators/retry.ts'
import { timeout } from '../../../src/pipeline/combinators/timeout.ts'
import { when } from '../../../src/pipeline/combinators/when.ts'
import { filter, onlyIfNone } from '../../../src/pipeline/authoring/filter.ts'
import { gather } from '../../../src/pipeline/authoring/gather.ts'
import { pipelineOf } from '../../../src/pipeline/pipeline.ts'
import { prefer, hold } from '../../../src/pipeline/authoring/pace.ts'
import { rankBy, rank } from '../../../src/pipeline/authoring/rank.ts'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { converge } from '../../../src/stages/converge.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { take } from '../../../src/stages/take.ts'
import { dose } from '../../support/dose.ts'
import { cand, isOver, tryOut } from '../../testing/try-out.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'
import type { AnyStage, Candidate } from '../../../src/pipeline/types.ts'

const ADDRESSES = 9
const all = Array.from({ length: ADDRESSES }, (_, i) => cand(i))
const number = ({ id }: Candidate): number => Number(/113\.(\d+)/.exec(id)?.[1])
const some = (n: number) => (one: Candidate): boolean => (number(one) * 7 + n) % 3 > 0

/** Stages from candidates to candidates, in any order */
const listStage: fc.Arbitrary<AnyStage> = fc.tuple(fc.nat(ADDRESSES - 1), fc.nat(800), fc.nat(21)).map(([n, ms, kind]): AnyStage => {
  switch (kind) {
    case 0: return source('now', () => [cand(n).multiaddr])
    case 1: return source('slow', async function * ({ clock, signal }) {
      await sleep(ms, clock, signal)
      yield cand(n).multiaddr
    })
    case 2: case 3: return source(`if-${kind}`, async function * ({ clock, signal }) {
      await sleep(ms, clock, signal)
      yield cand(n).multiaddr
    }, { when: kind === 2 ? 'empty' : 'exhausted' })
    case 4: return filter('some', one => some(n)(one) || 'not this')
    case 5: return filter('slow', async (one, { clock, signal }) => sleep(ms, clock, signal).then(() => some(n)(one)))
    case 6: return rank('sorted', (a, b) => (number(a) + n) % 5 - (number(b) + n) % 5)
    case 7: return prefer(some(n))
    case 8: return prefer(some(n), { after: ms })
    case 9: return onlyIfNone(some(n))
    case 10: return gather(ms)
    case 11: return take(n)
    case 12: return stagger(ms)
    case 13: return sequential()
    case 14: return when(() => n % 2 === 0, filter('sometimes', some(n)))
    case 15: return expand('more', (one, { clock, signal }) => number(one) % 3 === n % 3 ? sleep(ms, clock, signal).then(() => all.slice(n, n + 2)) : [one])
    case 16: return stage('by-hand', () => ({ candidates }) => candidates.filter(some(n + 1)))
    case 17: return hold('later', race => one => some(n)(one) ? race.firstStart + ms : 0)
    case 18: return hold('one-at-a-time', race => one => some(n)(one) && race.inFlight.length > 0 ? Infinity : 0)
    case 19: return stage('held-back', (dial, work) => {
      const open = work.after(ms)

      return ({ candidates, complete }) => {
        if (complete && candidates.every(one => !some(n)(one) || dial.tried(one))) {
          open.end()
        }

        return open.done ? candidates : candidates.filter(some(n))
      }
    })
    case 20: return rankBy('sorted', one => some(n)(one) ? number(one) : undefined)
    default: return stage('untried', dial => ({ candidates }) => candidates.filter(one => !dial.tried(one)))
  }
})

const lists = fc.array(listStage, { maxLength: 6 })

/** Connecting stages, nested up to three deep */
type ConnectingStage = AnyStage & { readonly yields: 'connections' }

const { connecting } = fc.letrec<{ connecting: ConnectingStage }>(tie => ({
  connecting: fc.oneof({ maxDepth: 3 },
    fc.constant(race() as ConnectingStage),
    fc.tuple(lists, tie('connecting')).map(([above, last]) => pipelineOf([...above, last]) as ConnectingStage),
    fc.tuple(tie('connecting'), tie('connecting')).map(([one, two]) => fallback(one, two)),
    tie('connecting').map(one => retry(one, { delay: 100 }) as ConnectingStage),
    fc.tuple(fc.nat(10_000), tie('connecting')).map(([ms, one]) => timeout(ms, one) as ConnectingStage),
    tie('connecting').map(one => pipelineOf([one, converge({ linger: 500 })]) as ConnectingStage)
  )
}))

const outcome = fc.oneof(fc.record({ connects: fc.nat(3_000) }), fc.record({ refuses: fc.nat(3_000) }), fc.constant<Script>('silent'))

testProp('a dial through stages in random order ends and leaves nothing', [
  lists, connecting, fc.array(outcome, { minLength: ADDRESSES, maxLength: ADDRESSES }), fc.uniqueArray(fc.nat(ADDRESSES - 1), { maxLength: 5 }), fc.nat(3_000), fc.uniqueArray(fc.nat(ADDRESSES - 1), { maxLength: 5 })
], async (t, above, last, scripts, first, after, later) => {
  const trial = tryOut(t, pipelineOf([...above, last]))
  all.forEach((one, n) => { trial.script([one], scripts[n] ?? 'silent') })
  trial.give({ candidates: first.flatMap(n => all[n] ?? []), complete: false })
  await trial.pass(after)
  trial.give({ candidates: [...first, ...later.filter(n => !first.includes(n))].flatMap(n => all[n] ?? []) })
  await trial.pass(3_000_000)

  t.is(trial.failure, undefined)
  t.true(trial.ended, 'it has ended')
  trial.leave()
  await trial.settle()
  t.is(trial.clock.pending, 0, 'no timer is set')
  t.true(trial.host.attempts.every(({ candidate }) => isOver(trial, candidate)), 'no attempt goes on')
  t.true(trial.network.open.every(one => trial.connections.includes(one)), 'what is open was yielded')
}, { numRuns: dose(200) })
