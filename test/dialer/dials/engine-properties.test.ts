import { fc, testProp } from '@fast-check/ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { dose } from '../../support/dose.ts'
import { complete, FOR_EVER, wild } from '../engine-pipelines.ts'
import { answers, begin, behaviour, call, checkOver, dead, good, odd, scene, services, slots } from '../engine-scene.ts'

const RUNS = dose(200)

testProp.serial('with an address that answers in time every dial connects, whatever stands ahead of it, and nothing is left', [
  fc.array(dead, { maxLength: 30 }), good, fc.array(behaviour, { maxLength: 4 }), fc.array(complete, { minLength: 2, maxLength: 2 }), slots,
  fc.array(fc.record({ at: fc.nat(9_000), peer: fc.nat(2), shape: fc.nat(1), force: fc.boolean() }), { minLength: 1, maxLength: 3 })
], async (t, ahead, good, behind, shapes, init, calls) => {
  const behaviours = [...ahead, good, ...behind]
  const made = scene(behaviours, init)
  calls.forEach(call => { begin(made, { ...call, addresses: behaviours.map((_, i) => i) }, shapes) })
  await made.clock.advance(FOR_EVER)

  t.deepEqual(made.calls.map(({ result }) => result?.status), calls.map(() => 'fulfilled'))
  await checkOver(t, made, shapes, init)
}, { numRuns: RUNS })

testProp.serial('whatever is asked for, however addresses and pipelines behave, whoever leaves: every dial ends, and nothing is left', [
  fc.array(odd, { minLength: 1, maxLength: 10 }), services, fc.array(wild, { minLength: 2, maxLength: 2 }), slots,
  fc.array(call(12), { minLength: 1, maxLength: 5 }), fc.option(fc.nat(20_000), { nil: undefined })
], async (t, behaviours, services, shapes, init, calls, stops) => {
  const made = scene(behaviours, init, services)
  const { clock, engine } = made
  calls.forEach(call => { begin(made, call, shapes) })

  if (stops != null) {
    clock.setTimeout(() => {
      engine.stop()
      engine.start()
    }, stops)
  }

  await clock.advance(FOR_EVER)
  await checkOver(t, made, shapes, init)
}, { numRuns: RUNS })

testProp.serial('no dead address keeps a slot that is needed for longer than two seconds', [
  fc.array(dead, { maxLength: 40 }), answers, fc.nat(500), fc.integer({ min: 1, max: 8 })
], async (t, ahead, good, ms, peer) => {
  const made = scene([...ahead.map(one => ({ ...one, isDeaf: false })), good], { peer })
  const shape = { whole: pipeline(fromCaller(), stagger(ms), race()), repeats: false }
  begin(made, { at: 0, peer: 0, shape: 0, force: false, addresses: [...ahead.keys(), ahead.length] }, [shape])
  await made.clock.advance(FOR_EVER)

  // in the first round, each attempt has the time of usual answers. In the second, which the good one may need, each has two seconds
  const latest = 2 * (ahead.length + 1) * (ms + 10) + (Math.floor(ahead.length / peer) + 1) * (335 + 2_010)
  t.true((made.network.attempts.at(-1)?.at ?? Infinity) <= latest)
  t.is(made.calls[0]?.result?.status, 'fulfilled')
  await checkOver(t, made, [shape], { peer })
}, { numRuns: RUNS })
