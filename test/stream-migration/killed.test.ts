import assert from 'node:assert/strict'
import { fc } from '@fast-check/ava'
import test from 'ava'
import { dose } from '../support/dose.ts'
import { kill, run, Tally, traffic, windows } from './kit/commands.ts'
import { Scene } from './kit/scene.ts'
import type { Talker } from './kit/talker.ts'

test('a connection that dies at any moment fails the stream, unless both ends have all data', async t => {
  const outcomes = { bothFailed: 0, oneFailed: 0, noneFailed: 0 }

  await fc.assert(fc.asyncProperty(windows, traffic, kill, fc.nat(), async (windows, commands, kill, at) => {
    const scene = await new Scene(windows).open()
    const tally = new Tally()
    const moment = at % commands.length

    await run(scene, [...commands.slice(0, moment), kill, ...commands.slice(moment)], tally)
    await scene.end()

    const [a, b] = scene.talkers
    const failed = [a, b].filter(({ closed }) => closed?.error != null).length

    holdsPrefix(a, b)
    holdsPrefix(b, a)

    if (failed < 2) {
      assert.equal(a.received, b.sent)
      assert.equal(b.received, a.sent)
    }

    assert.deepEqual([a.closed == null, b.closed == null], [false, false])
    assert.deepEqual(scene.left, { streams: 0, labels: 0, timers: 0 })
    assert.equal(tally.moved + tally.failed, tally.asked)

    outcomes[failed === 2 ? 'bothFailed' : failed === 1 ? 'oneFailed' : 'noneFailed']++
  }), { numRuns: dose(400, 100), includeErrorInReport: true })

  t.log(outcomes)
  t.true(outcomes.bothFailed > dose(50, 5))
  t.true(outcomes.noneFailed > dose(50, 5))
})

/** Checks that the received data is a prefix of the sent data */
function holdsPrefix (talker: Talker, other: Talker): void {
  assert.equal(talker.wrong, undefined)
  assert.ok(talker.received <= other.sent)
}
