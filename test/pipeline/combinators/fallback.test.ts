import test from 'ava'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { fallback } from '../../../src/pipeline/combinators/fallback.ts'
import { timeout } from '../../../src/pipeline/combinators/timeout.ts'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { certified } from '../../../src/stages/certified.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { SELF } from '../../../src/testing/compliance/samples.ts'
import { verify } from '../../../src/stages/verify.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { cand, dialled, isOver, preferring, tryOut, winners } from '../../testing/try-out.ts'
import type { ConnectedDial } from '../../../src/pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

const [a, b, c] = [cand(1, { isCertified: true }), cand(2), cand(3)]
const strict = pipeline(certified(), race())
const loose = pipeline(stagger(50), race())

test('fallback() accepts what all its alternatives accept', t => {
  t.deepEqual(fallback(strict, race()).accepts, { candidates: true })
  t.deepEqual(fallback(pipeline(fromCaller(), race()), race()).accepts as object, { candidates: true })
  t.deepEqual(fallback(pipeline(fromCaller(), race())).accepts, { target: true, candidates: true })
})

test('fallback() reads the options of all its alternatives', t => {
  const reads = (option: string): typeof strict => pipeline(stage('reads', () => ({ candidates }) => candidates, { options: [option] }), race())
  t.deepEqual(fallback(reads('a'), reads('b')).options, ['a', 'b'])
})

test('fallback() runs the next alternative when one did not connect, and dials no address twice', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  trial.script([a, b], { refuses: 100 })
  trial.script([c], { connects: 100 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @150'])
  t.is(winners(trial), '3')
  t.true(trial.ended)
})

for (const [what, run] of [
  ['discards', dial => (connection: Connection) => { dial.discard(connection) }],
  ['keeps to itself', () => () => {}]
] as ReadonlyArray<[string, (dial: ConnectedDial) => (connection: Connection) => void]>) {
  test(`fallback() dials an address again that a stage below the earlier race ${what}`, async t => {
    const picky = stage({
      name: 'picky',
      accepts: ['connections'],
      yields: 'connections',
      run: async function * (connections, dial) {
        for await (const connection of connections) {
          run(dial)(connection)
        }

        yield * []
      }
    })
    const trial = tryOut(t, fallback(pipeline(race(), picky), race()))
    trial.script([a], { connects: 100 })
    trial.give({ candidates: [a] })
    await trial.rest()

    t.deepEqual(dialled(trial), ['1 @0', '1 @100'])
    t.is(winners(trial), '1')
  })
}

test('fallback() yields a connection that opens between two races, without a second attempt', async t => {
  const late = stage('late', (_, work) => {
    const open = work.after(100)

    return ({ candidates }) => open.done ? candidates : []
  })
  const trial = tryOut(t, fallback(timeout(1_000, race()), pipeline(late, race())))
  trial.script([a], { connects: 1_050 })
  trial.give({ candidates: [a] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0'])
  t.is(winners(trial), '1')
})

test('fallback() does not run the next alternative after a connection', async t => {
  let ran = false
  const trial = tryOut(t, fallback(strict, pipeline(stage('never', () => {
    ran = true

    return ({ candidates }) => candidates
  }), race())))
  trial.script([a], { connects: 100 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.true(trial.ended)
  t.is(trial.outputs.length, 1)
  t.false(ran)
})

test('the next alternative starts with the newest list and receives later ones', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  trial.script([a, b], { refuses: 100 })
  trial.script([c], { connects: 10 })
  trial.give({ candidates: [a] })
  await trial.pass(50)
  trial.give({ candidates: [a, b] })
  await trial.pass(60)
  t.deepEqual(dialled(trial), ['1 @0', '2 @100'])
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.is(trial.outputs.length, 1)
})

test('fallback() ends when no alternative connects', async t => {
  const trial = tryOut(t, fallback(strict, loose, race()))
  trial.script([a, b, c], { refuses: 10 })
  trial.give({ candidates: [a, b, c] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @10', '3 @20'])
  t.true(trial.ended)
  t.is(trial.outputs.length, 0)
})

test('a candidate dropped by one alternative can pass in the next', async t => {
  const trial = tryOut(t, fallback(strict, loose))
  trial.script([b], { refuses: 10 })
  trial.give({ candidates: [b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['2 @0'])
  t.is(trial.host.story.of(b).dropped, undefined)
})

test('an error of an alternative fails the dial', async t => {
  const error = new Error('Broken')
  const trial = tryOut(t, fallback(pipeline(stage('broken', () => { throw error }), race()), loose))
  trial.give({ candidates: [a] })
  await trial.settle()
  t.is(trial.failure?.error, error)
})

test('an attempt in flight when an alternative times out continues in the next', async t => {
  const trial = tryOut(t, fallback(timeout(500, strict), loose))
  trial.script([a], { connects: 600 })
  trial.give({ candidates: [a, b] })
  await trial.pass(500)
  t.false(trial.host.attempts[0]?.signal.aborted)
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @500'])
  t.is(winners(trial), '1')
})

test('the pace of the next alternative counts from the last start of the previous one', async t => {
  const trial = tryOut(t, fallback(timeout(500, strict), pipeline(stagger(700), race())))
  trial.give({ candidates: [a, b] })
  await trial.pass(2_000)
  t.deepEqual(dialled(trial), ['1 @0', '2 @700'])
})

test('a connection that completes as an alternative times out is yielded by the next', async t => {
  const trial = tryOut(t, fallback(timeout(500, strict), loose))
  trial.script([a], { connects: 500 })
  trial.give({ candidates: [a] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0'])
  t.is(winners(trial), '1')
  t.is(trial.host.discarded.size, 0)
})

const relayed = cand(`/ip4/203.0.113.9/tcp/4001/p2p/${SELF.toString()}/p2p-circuit`)

for (const [what, one, times] of [
  ['goes on there once its address has passed them', b, [0]],
  ['is made anew where it leads through a relay: the dial of the relay has to pass them too', relayed, [0, 600]]
] as const) {
  test(`an attempt in flight that has not passed the next alternative's filters ${what}`, async t => {
    const slow = filter('slow', async (_one, { clock, signal }) => sleep(100, clock, signal).then(() => true))
    const trial = tryOut(t, fallback(timeout(500, race()), pipeline(slow, race())))
    trial.give({ candidates: [one] })
    await trial.pass(5_000)
    t.deepEqual(trial.host.attempts.map(({ startedAt = NaN }) => trial.since(startedAt)), times)
  })
}

test('an attempt in flight is dialled again when the next alternative has other layers', async t => {
  const trial = tryOut(t, fallback(timeout(500, race()), pipeline(race(), verify(async () => true))))
  trial.give({ candidates: [b] })
  await trial.pass(5_000)
  t.deepEqual(dialled(trial), ['2 @0', '2 @500'])
})

test('an attempt that the next alternative does not list runs until it ends, and its connection is closed', async t => {
  const trial = tryOut(t, fallback(timeout(500, race()), pipeline(filter('other', one => one === b), race())))
  trial.script([a], { connects: 600 })
  trial.script([b], { refuses: 900 })
  trial.give({ candidates: [a, b] })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.is(winners(trial), '')
  t.true(trial.ended)
  t.true(isOver(trial, a))
  t.is(trial.network.open.length, 0)
})

test('aborting fallback() ends the attempts of all alternatives', async t => {
  const trial = tryOut(t, fallback(timeout(500, strict), loose))
  trial.give({ candidates: [a, b] })
  await trial.pass(600)
  trial.leave()
  await trial.settle()
  t.deepEqual([isOver(trial, a), isOver(trial, b)], [true, true])
  t.is(trial.clock.pending, 0)
})

test('fallback() yields later connections of the alternative that connected', async t => {
  const [d, e] = [cand(4), cand(5)]
  const trial = tryOut(t, fallback(strict, loose), preferring(d, e))
  trial.script([d], { connects: 300 })
  trial.script([e], { connects: 10 })
  trial.give({ candidates: [d, e] })
  await trial.rest()
  t.is(winners(trial), '5 4')
})
