// mistakes of a first implementation of lists, one test for each
import test from 'ava'
import { listStage } from '../../../src/pipeline/authoring/list-stage.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { expand, fallback, filter, gather, onlyIfNone, pipeline, rankBy, retry, source, stage, when } from '../../../src/pipeline/index.ts'
import { race } from '../../../src/stages/race.ts'
import { take } from '../../../src/stages/take.ts'
import { cand, cands, dialled, reason, runStage, said, short, tryOut, winners } from '../../testing/try-out.ts'
import { hangs, is } from './trap-stages.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'

const [a, b, c] = cands(1, 2, 3) as [Candidate, Candidate, Candidate]

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
  const trial = await runStage(t, pipeline(resolving, gather(5_000), take(5)), [a, name], { ms: 0 })
  t.deepEqual(said(trial), ['…'])
  t.deepEqual([a, b, name].map(one => reason(trial, one)), [undefined, undefined, undefined])
  answer()
  await trial.settle()
  t.is(said(trial).at(-1), '1 2')
  t.deepEqual([a, b, name].map(one => reason(trial, one)), [undefined, undefined, undefined])
})

test('a stage that reads outcomes is asked after each of them', async t => {
  const oneByOne = stage('one-by-one', dial => ({ candidates }) => candidates.slice(0, dial.outcomes.length + 1))
  const trial = await runStage(t, pipeline(oneByOne, race()), [a, b, c], { script: { refuses: 30 } })
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
  await runStage(t, pipeline(counted('around'), retry(fallback(pipeline(counted('first'), judged, race()), pipeline(counted('second'), race())), { retries: 1, delay: 10 })), [a], { script: { refuses: 10 } })
  t.deepEqual(begun, ['around', 'when', 'first', 'second', 'when', 'first', 'second'])
})

test('filter(), rankBy() and expand() are not asked again when attempts fail', async t => {
  let asked = 0
  let judged = 0
  let scored = 0
  let mine = 0
  const all = cands(...Array.from({ length: 25 }, (_, i) => i + 1))
  const trial = await runStage(t, pipeline(
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
  ), all, { script: { refuses: 10 } })
  t.is(dialled(trial).length, 25)
  t.deepEqual([judged, scored], [25, 25])
  t.true(asked <= 2, `${asked}`)
  t.true(mine >= 25 && mine <= 27, `${mine}`)
})

test('onlyIfNone() with after does not wait longer for a source that hangs', async t => {
  const trial = await runStage(t, pipeline(hangs(), onlyIfNone(is(c), { after: 400 }), race()), [a], { script: { connects: 10 }, ms: 1_000 })
  t.deepEqual(dialled(trial), ['1 @400'])
  t.is(winners(trial), '1')
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
      const trial = await runStage(t, pipeline(finder, rankBy('last-first', one => -Number(short([one]))), race()), finder.name === 'dns' && 'target' in finder.accepts ? [] : [name], { ms: 1_000 })
      t.deepEqual(dialled(trial), ['3 @0', '2 @250'], String(answer))
    }
  }
})
