// mistakes of a first implementation of lists, timing rules and the race, one test for each
import test from 'ava'
import { listStage } from '../../../src/pipeline/authoring/list-stage.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { expand, fallback, filter, gather, hold, onlyIfNone, pace, pipeline, prefer, rankBy, retry, source, stage, timeout, when } from '../../../src/pipeline/index.ts'
import { converge } from '../../../src/stages/converge.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { goDelays } from '../../../src/stages/go-delays.ts'
import { oddsPace } from '../../../src/stages/odds-pace.ts'
import { race } from '../../../src/stages/race.ts'
import { sequential } from '../../../src/stages/sequential.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { take } from '../../../src/stages/take.ts'
import { address, engineWorld, newPeer } from '../../helpers/scripted.ts'
import { microtasks } from '../../support/microtasks.ts'
import { cand, cands, dialled, reason, said, short, tryOut, winners } from '../../testing/try-out.ts'
import type { Candidate, DialPipeline, RaceState } from '../../../src/pipeline/types.ts'

const [a, b, c, d] = cands(1, 2, 3, 4) as [Candidate, Candidate, Candidate, Candidate]
const is = (...some: readonly Candidate[]) => ({ id }: Candidate): boolean => some.some(one => one.id === id)
const later = (some: readonly Candidate[], ms: number) => hold('later', state => one => is(...some)(one) ? state.firstStart + ms : 0)
const untried = () => stage('untried', dial => ({ candidates }) => candidates.filter(one => !dial.tried(one)))
const hangs = () => source('hangs', async () => new Promise<never>(() => {}))
const slowly = (name: string, ms: number, ...found: readonly Candidate[]) => source(name, async ({ clock, signal }) => {
  await sleep(ms, clock, signal)

  return found
})

// timing rules

test('when the times of several candidates are past, the first in the list starts first', async t => {
  const trial = tryOut(t, pipeline(pace('slow', state => state.lastStart + 500), later([c], 400), race()))
  trial.give({ candidates: [a], complete: false })
  await trial.pass(900)
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @900', '3 @1400'])
})

test('a rule\'s time is met although nothing else happens at it', async t => {
  const states: RaceState[] = []
  const trial = tryOut(t, pipeline(hold('later', state => {
    states.push(state)

    return one => one === b ? state.startedAt + 500 : 0
  }), race()))
  trial.give({ candidates: [a, b] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @500'])
  t.false(states.some(state => 'now' in state), 'a rule has no time to look at')
})

test('the others start at the pace after prefer(), not in a burst', async t => {
  const trial = tryOut(t, pipeline(prefer(is(c), { after: 300 }), race()))
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['3 @0', '1 @300', '2 @550', '4 @800'])
})

test('a held candidate starts at once when nothing is in flight and the list is complete', async t => {
  const trial = tryOut(t, pipeline(hold('later', state => state.startedAt + 500), race()))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.deepEqual(dialled(trial), ['1 @0'])
})

test('two contradicting prefer() above a source that hangs do not delay the first attempt', async t => {
  const trial = tryOut(t, pipeline(hangs(), prefer(is(a)), prefer(is(b)), race()))
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(dialled(trial), ['1 @0'])
})

for (const [name, own] of Object.entries({ oddsPace, goDelays })) {
  test(`${name}() keeps the order of the list and of prefer()`, async t => {
    const trial = tryOut(t, pipeline(own(), prefer(is(b, c), { after: 3_000 }), race()))
    trial.give({ candidates: [a, b, c] })
    await trial.pass(4_000)
    t.is(dialled(trial).map(one => one.split(' ')[0]).join(), '2,3,1')
  })
}

test('a rule with one time for all is asked about once for each start', async t => {
  let asked = 0
  const trial = tryOut(t, pipeline(pace('counted', state => {
    asked++

    return state.lastStart + 100
  }), race()))
  trial.give({ candidates: cands(...Array.from({ length: 25 }, (_, i) => i + 1)) })
  await trial.pass(1_000)
  t.is(dialled(trial).length, 11)
  t.true(asked <= 2 * 11, `${asked}`)
})

test('the candidate held less starts first among those that may start', async t => {
  const trial = tryOut(t, pipeline(prefer(is(b, c), { after: 50 }), stagger(100), race()))
  trial.give({ candidates: [a, b, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['2 @0', '3 @100', '1 @200'])
})

test('a pace in a nested pipeline replaces the outer one', async t => {
  const trial = tryOut(t, pipeline(sequential(), fallback(pipeline(stagger(50), race()))))
  trial.give({ candidates: [a, b] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @50'])
})

test('a stage with a rule sees the whole list at its place, including attempted and later dropped candidates', async t => {
  const ranked = stage('ranked', (_dial, work) => {
    let all: readonly Candidate[] = []
    work.pace(state => one => state.startedAt + 100 * all.indexOf(one))

    return ({ candidates }) => {
      all = candidates

      return candidates
    }
  })
  const trial = tryOut(t, pipeline(ranked, filter('some', one => one !== b), untried(), race()))
  trial.script([a], { refuses: 150 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '3 @150', '4 @300'])
})

test('before the first attempt, firstStart is Infinity and lastStart is -Infinity', async t => {
  const states: RaceState[] = []
  const trial = tryOut(t, pipeline(hold('later', state => {
    states.push(state)

    return one => one === b ? state.firstStart + 500 : state.lastStart + 100
  }), race()))
  trial.give({ candidates: [a, b], complete: false })
  await trial.pass(1_000)
  t.like(states[0], { firstStart: Infinity, lastStart: -Infinity })
  t.deepEqual(dialled(trial), ['1 @0', '2 @500'])
})

// lists

test('an exhausted source is asked when all earlier candidates are dropped below it', async t => {
  const trial = tryOut(t, pipeline(source('further', () => [b], { when: 'exhausted' }), filter('some', one => one !== a), race()))
  trial.script([b], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.is(winners(trial), '2')
})

for (const [what, candidates, expected] of [
  ['no awaited candidate is listed', [cand(5)], ['5 @0']],
  ['all awaited candidates have failed', [cand(1, { isCertified: true }), cand(5)], ['1 @0', '5 @20']]
] as const) {
  test(`a stage with pending work ends its wait when ${what}`, async t => {
    const uncertified = stage('hold-uncertified', (dial, work) => {
      const open = work.after(500)

      return ({ candidates, complete }) => {
        if (complete && candidates.every(one => !one.isCertified || dial.tried(one))) {
          open.end()
        }

        return open.done ? candidates : candidates.filter(one => one.isCertified)
      }
    })
    const trial = tryOut(t, pipeline(uncertified, race()))
    trial.script(candidates, { refuses: 20 })
    trial.give({ candidates })
    await trial.rest()
    t.deepEqual(dialled(trial), expected)
    t.true(trial.ended)
    t.is(trial.outputs.length, 0)
  })
}

test('a stage that holds all candidates waits on the last call, after exhausted sources were asked', async t => {
  const until3000 = stage('backoff', (dial, work) => {
    const returns = dial.clock.now() + 3_000

    return ({ candidates, last }) => {
      const now = dial.clock.now()
      const held = now < returns && candidates.every(one => one === a || dial.tried(one))

      if (held && last) {
        work.after(returns - now)
      }

      return now < returns ? candidates.filter(one => one !== a) : candidates
    }
  })

  for (const [further, expected] of [[[], ['1 @3000']], [[b], ['2 @100', '1 @3000']]] as const) {
    const search = source('further', async ({ clock, signal }) => {
      await sleep(100, clock, signal)

      return further
    }, { when: 'exhausted' })
    const trial = tryOut(t, pipeline(search, until3000, race()))
    trial.script([a, b], { refuses: 10 })
    trial.give({ candidates: [a] })
    await trial.rest()
    t.deepEqual(dialled(trial), expected)
    t.true(trial.ended)
  }
})

test('a candidate missing for a time, or expanded, does not count as dropped', async t => {
  const name = cand('/dnsaddr/peer.example')
  const resolving = expand('resolving', one => one === name ? new Promise<readonly Candidate[]>(resolve => { answer = () => { resolve([b]) } }) : [one])
  let answer = (): void => {}
  const trial = tryOut(t, pipeline(resolving, gather(5_000), take(5)))
  trial.give({ candidates: [a, name] })
  await trial.settle()
  t.deepEqual(said(trial), ['…'])
  t.deepEqual([a, b, name].map(one => reason(trial, one)), [undefined, undefined, undefined])
  answer()
  await trial.settle()
  t.is(said(trial).at(-1), '1 2')
  t.deepEqual([a, b, name].map(one => reason(trial, one)), [undefined, undefined, undefined])
})

test('a stage that reads outcomes is asked after each of them', async t => {
  const oneByOne = stage('one-by-one', dial => ({ candidates }) => candidates.slice(0, dial.outcomes.length + 1))
  const trial = tryOut(t, pipeline(oneByOne, race()))
  trial.script([a, b, c], { refuses: 30 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @30', '3 @60'])
})

test('a stage begins once in each run of its pipeline, and a stage around retry() begins once', async t => {
  const begun: string[] = []
  const counted = (name: string) => stage(name, () => {
    begun.push(name)

    return ({ candidates }) => candidates
  })
  const judged = when(() => {
    begun.push('when')

    return false
  }, counted('never'))
  const trial = tryOut(t, pipeline(counted('around'), retry(fallback(pipeline(counted('first'), judged, race()), pipeline(counted('second'), race())), { retries: 1, delay: 10 })))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(begun, ['around', 'when', 'first', 'second', 'when', 'first', 'second'])
})

test('filter(), rankBy() and expand() are not asked again when attempts fail', async t => {
  let asked = 0
  let judged = 0
  let scored = 0
  let mine = 0
  const all = cands(...Array.from({ length: 25 }, (_, i) => i + 1))
  const trial = tryOut(t, pipeline(
    filter('judged', () => ++judged > 0),
    rankBy('scored', () => ++scored),
    listStage('asked', () => ({ candidates }) => {
      asked++

      return candidates
    }, { isPure: true }),
    stage('mine', () => ({ candidates }) => {
      mine++

      return candidates
    }),
    race()
  ))
  trial.script(all, { refuses: 10 })
  trial.give({ candidates: all })
  await trial.rest()
  t.is(dialled(trial).length, 25)
  t.deepEqual([judged, scored], [25, 25])
  t.true(asked <= 2, `${asked}`)
  t.true(mine >= 25 && mine <= 27, `${mine}`)
})

test('onlyIfNone() with after does not wait longer for a source that hangs', async t => {
  const trial = tryOut(t, pipeline(hangs(), onlyIfNone(is(c), { after: 400 }), race()))
  trial.script([a], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @400'])
  t.is(winners(trial), '1')
})

// the race, and how it ends

test('no rule sees an attempt with an outcome in flight, and starts are 10 ms apart except after a failure', async t => {
  let seen = 0
  const watching = pace('watching', state => {
    seen++
    t.false(state.inFlight.some(({ candidate }) => state.outcomes.some(outcome => outcome.candidate.id === candidate.id)))

    return state.lastStart
  })
  const trial = tryOut(t, pipeline(watching, race()))
  trial.script([a], { refuses: 25 })
  trial.give({ candidates: cands(1, 2, 3, 4, 5, 6) })
  await trial.pass(1_000)
  t.true(seen > 0)
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20', '4 @25', '5 @35', '6 @45'])
})

for (const [what, whole] of Object.entries<DialPipeline>({
  'a race': pipeline(fromCaller(), race()),
  'a race that converges': pipeline(fromCaller(), race(), converge()),
  'a retry in a timeout in a fallback': pipeline(fromCaller(), fallback(timeout(5_000, retry(race(), { retries: 0 }))))
})) {
  test(`a caller that joins while ${what} ends is dialled for, and no address is dialled twice`, async t => {
    for (let turns = 0; turns < 40; turns++) {
      const peer = await newPeer()
      const { engine, clock, network } = engineWorld(whole, { 1: { refuses: 100 }, 2: { connects: 10 } })
      const first = engine.dial(address(1, peer)).catch(() => {})
      let second: Promise<unknown> | undefined

      clock.setTimeout(() => {
        void microtasks(turns).then(() => { second = engine.dial(address(2, peer)) })
      }, 100)

      await clock.advance(1_000)
      await first
      t.truthy(await second)
      t.deepEqual(network.dialled, [address(1), address(2)].map(String))
      engine.stop()
      await engine.dials.idle()
    }
  })
}

test('the race dials no worse address after a connection, even when the list has lost the winner', async t => {
  const trial = tryOut(t, pipeline(untried(), race()))
  trial.script([a], { refuses: 400 })
  trial.script([b], { connects: 100 })
  trial.script([c, d], { connects: 100 })
  trial.give({ candidates: [a, b, c, d] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.is(winners(trial), '2')
})

for (const [what, stages] of [
  ['seven addresses are silent, one after another', pipeline(sequential(), race())],
  ['a source hangs', pipeline(hangs(), race())]
] as const) {
  test(`a limited connection is yielded in time when ${what}, and no further source is asked`, async t => {
    let asked = 0
    const search = source('further', () => {
      asked++

      return []
    }, { when: 'exhausted' })
    const trial = tryOut(t, pipeline(search, stages))
    trial.script([a], { connects: 100, isLimited: true })
    trial.give({ candidates: cands(1, 2, 3, 4, 5, 6, 7, 8) })
    await trial.pass(5_099)
    t.is(winners(trial), '')
    await trial.pass(1)
    t.is(winners(trial), '1')
    t.is(asked, 0)
  })
}

test('a stage that stops reading the race ends it with the dial', async t => {
  const { engine, clock, network } = engineWorld(pipeline(fromCaller(), race(), converge({ linger: 100 })), { 2: { connects: 10 } })
  const peer = await newPeer()
  const connection = await clock.until(engine.dial([address(1, peer), address(2, peer)]))
  t.is(connection.status, 'open')
  await clock.advance(100)
  await engine.dials.idle()
  t.true(network.attempts[0]?.signal.aborted)
  t.is(clock.pending, 0)
  engine.stop()
})

test('news wakes the waiting race in any nesting', async t => {
  const trial = tryOut(t, pipeline(slowly('slow', 300, b), retry(timeout(10_000, fallback(pipeline(race()))))))
  trial.script([a], { refuses: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(350)
  trial.give({ candidates: [a, c] })
  await trial.pass(1_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @300', '3 @550'])
})

test('addresses of one answer are ranked together before any is dialled', async t => {
  const name = cand('/dnsaddr/peer.example')
  const answers: ReadonlyArray<() => any> = [() => [b, c], async () => [b, c], async function * () { yield * [b, c] }, async function * () {
    for (const one of [b, c]) {
      await Promise.resolve()
      yield one
    }
  }]

  for (const answer of answers) {
    for (const finder of [expand('dns', one => one === name ? answer() : [one]), source('dns', answer)]) {
      const trial = tryOut(t, pipeline(finder, rankBy('last-first', one => -Number(short([one]))), race()))
      trial.give({ candidates: finder.name === 'dns' && 'target' in finder.accepts ? [] : [name] })
      await trial.pass(1_000)
      t.deepEqual(dialled(trial), ['3 @0', '2 @250'], String(answer))
    }
  }
})
