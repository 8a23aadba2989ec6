import test from 'ava'
import { source } from '../../../src/pipeline/authoring/source.ts'
import { filter } from '../../../src/pipeline/authoring/filter.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { fallback, pipeline, retry, timeout } from '../../../src/pipeline/index.ts'
import { certified } from '../../../src/stages/certified.ts'
import { race } from '../../../src/stages/race.ts'
import { bareAddress, cand, dialled, tryOut, winners } from '../../testing/try-out.ts'
import type { AnyStage } from '../../../src/pipeline/types.ts'

const [plain, signed] = [cand(2), cand(3, { isCertified: true })]
const strict = pipeline(certified(), race())

/** Creates a source that takes 500 ms to find address 9, and records when it was asked */
function lookUp (): { asked: number[], stage: AnyStage } {
  const asked: number[] = []

  return {
    asked,
    stage: source('look-up', async ({ clock, signal }) => {
      asked.push(clock.now())
      await sleep(500, clock, signal)

      return [bareAddress(9)]
    }, { when: 'exhausted' })
  }
}

for (const [what, alternatives] of Object.entries({
  'of a fallback()': fallback(strict, race()),
  'of a fallback() within a timeout()': fallback(timeout(1_000, strict), race()),
  'of a retry()': fallback(retry(strict, { delay: 100 }), race()),
  'of a nested fallback()': fallback(fallback(strict, strict), strict, race()),
  'in a nested fallback()': fallback(strict, fallback(strict, race()))
})) {
  test(`an alternative ${what} that is not the last leaves the sources above to the last`, async t => {
    const { asked, stage } = lookUp()
    const trial = tryOut(t, pipeline(stage as ReturnType<typeof certified>, alternatives))
    trial.script([plain], { connects: 100 })
    trial.give({ candidates: [plain] })
    await trial.rest()

    t.deepEqual(dialled(trial), ['2 @0'])
    t.is(winners(trial), '2')
    t.deepEqual(asked, [])
  })
}

test('the last alternative of a fallback() asks the sources above once more', async t => {
  const { asked, stage } = lookUp()
  const trial = tryOut(t, pipeline(stage as ReturnType<typeof certified>, fallback(strict, race())))
  trial.script([plain], { refuses: 100 })
  trial.script([cand(9)], { connects: 100 })
  trial.give({ candidates: [plain] })
  await trial.rest()

  t.is(asked.length, 1)
  t.deepEqual(dialled(trial), ['2 @0', '9 @600'])
  t.is(winners(trial), '9')
})

test('each alternative of a fallback() asks its own sources once more', async t => {
  const [first, second] = [lookUp(), lookUp()]
  const trial = tryOut(t, fallback(pipeline(first.stage as ReturnType<typeof certified>, race()), pipeline(second.stage as ReturnType<typeof certified>, race())))
  trial.script([plain, cand(9)], { refuses: 100 })
  trial.give({ candidates: [plain] })
  await trial.rest()

  t.deepEqual([first.asked.length, second.asked.length], [1, 1])
  t.deepEqual(dialled(trial), ['2 @0', '9 @600'])
})

test('silent attempts of an alternative that is not the last ask no source above', async t => {
  const { asked, stage } = lookUp()
  const trial = tryOut(t, pipeline(stage as ReturnType<typeof certified>, fallback(timeout(10_000, strict), race())))
  trial.give({ candidates: [signed] })
  await trial.pass(5_000)
  t.is(asked.length, 0)
  await trial.pass(10_000)
  t.is(asked.length, 1)
})

test('silent attempts of an alternative that is not the last still release what stages above delay', async t => {
  const calls: boolean[] = []
  const watching = stage('watching', () => ({ candidates, last }) => {
    calls.push(last)

    return candidates
  })
  const trial = tryOut(t, pipeline(watching, fallback(timeout(10_000, strict), race())))
  trial.give({ candidates: [signed] })
  await trial.pass(5_000)
  t.true(calls.length > 1)
  t.false(calls.includes(true))
})

const isPlain = filter('plain', one => !one.isCertified)

test('an address that the last call finds is dialled by the first alternative that lets it pass', async t => {
  const { asked, stage } = lookUp()
  const trial = tryOut(t, pipeline(stage as ReturnType<typeof certified>, fallback(pipeline(isPlain, race()), strict)))
  trial.script([plain, signed], { refuses: 100 })
  trial.script([cand(9)], { connects: 100 })
  trial.give({ candidates: [plain, signed] })
  await trial.rest()

  t.is(asked.length, 1)
  t.deepEqual(dialled(trial), ['2 @0', '3 @100', '9 @700'])
  t.is(winners(trial), '9')
})

test('fallback() ends when no alternative lets the addresses of the last call pass', async t => {
  const { asked, stage } = lookUp()
  const trial = tryOut(t, pipeline(stage as ReturnType<typeof certified>, fallback(strict, strict)))
  trial.script([signed], { refuses: 100 })
  trial.give({ candidates: [plain, signed] })
  await trial.rest()

  t.is(asked.length, 1)
  t.deepEqual(dialled(trial), ['3 @0'])
  t.true(trial.ended)
})
