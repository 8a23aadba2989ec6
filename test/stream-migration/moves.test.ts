import assert from 'node:assert/strict'
import { fc } from '@fast-check/ava'
import test from 'ava'
import { dose } from '../support/dose.ts'
import { run, Tally, traffic, windows } from './kit/commands.ts'
import { Scene } from './kit/scene.ts'
import type { Side } from './kit/wire.ts'

test('after random moves each end has what the other sent, and nothing is left', async t => {
  const tally = new Tally()

  await fc.assert(fc.asyncProperty(windows, fc.constantFrom<Side>(0, 1), traffic, async (windows, opener, commands) => {
    const scene = await new Scene(windows).open(opener)

    await run(scene, commands, tally)
    await scene.end()

    const [a, b] = scene.talkers
    assert.deepEqual([a.received, a.wrong, a.ended, a.closed], [b.sent, undefined, true, { error: undefined }])
    assert.deepEqual([b.received, b.wrong, b.ended, b.closed], [a.sent, undefined, true, { error: undefined }])
    assert.deepEqual(scene.left, { streams: 0, labels: 0, timers: 0 })
    assert.equal(tally.moved + tally.failed, tally.asked)
  }), { numRuns: dose(400, 100), includeErrorInReport: true })

  t.log(`${tally.moved} of ${tally.asked} migrations came about`)
  t.true(tally.moved >= dose(1_000, 100))
})
