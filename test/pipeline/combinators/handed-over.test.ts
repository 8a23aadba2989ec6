import test from 'ava'
import { fallback, pipeline, timeout } from '../../../src/pipeline/index.ts'
import { hold } from '../../../src/pipeline/authoring/pace.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { cand, dialled, tryOut, winners } from '../../testing/try-out.ts'

const [a, b] = [cand(1), cand(2)]
const later = hold('later', ({ firstStart }) => firstStart + 1_000)

test('an attempt goes on in the next alternative when the check of its connection stands below the fallback()', async t => {
  const trial = tryOut(t, pipeline(fallback(timeout(300, race()), pipeline(later, race())), verify(() => true)))
  trial.script([a], { connects: 400 })
  trial.give({ candidates: [a, b] })
  await trial.rest()

  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.is(winners(trial), '1')
  t.is(trial.outputs[0]?.at, 400)
  t.is(trial.host.discarded.size, 0)
})
