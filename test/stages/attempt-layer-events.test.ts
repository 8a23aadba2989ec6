// a race hears the events of its attempts, whatever the layers around them do with the listeners
import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { cand, dialled, tryOut } from '../testing/try-out.ts'
import type { AttemptLayer, AttemptOptions } from '../../src/pipeline/types.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'

const [a, b, c] = [cand(1), cand(2), cand(3)]

/** A layer with a listener in the place of the one that it was given */
const listening = (listeners: (options: AttemptOptions) => object): AttemptLayer => next => async (candidate, options) => next(candidate, { ...options, ...listeners(options) })

// `any`: the layers pass on what their types forbid
const WRONG: ReadonlyArray<[string, AttemptLayer]> = [
  ['forgets the onStart of the race', listening(() => ({ onStart: () => {} }))],
  ['calls onStart without a time', listening(({ onStart }: any) => ({ onStart: () => onStart() }))],
  ['calls onStart with NaN', listening(({ onStart }) => ({ onStart: () => { onStart(NaN) } }))],
  ['calls onStart with a time to come', listening(({ onStart }) => ({ onStart: (at: number) => { onStart(at + 60_000) } }))],
  ['throws in onStart', listening(() => ({ onStart: () => { throw new Error('Broken') } }))]
]

function errorsOf ({ host }: StageRun): string[] {
  return host.errors.map(args => String(args.at(-1)))
}

for (const [what, layer] of WRONG) {
  test(`the race starts its attempts in time when a layer ${what}, and logs the fault once for an attempt`, async t => {
    const trial = tryOut(t, pipeline(stagger(100), race({ attempt: [layer] })))
    trial.give({ candidates: [a, b, c] })
    await trial.pass(1_000)

    t.deepEqual(dialled(trial), ['1 @0', '2 @100', '3 @200'])
    t.is(errorsOf(trial).filter(text => text.includes('has a layer around its attempts that did not pass on onStart with its time')).length, 3)
  })
}

test('the race hears of a first response that a layer keeps to itself', async t => {
  const trial = tryOut(t, race({ attempt: [listening(() => ({ onFirstResponse: () => {} }))] }))
  trial.script([a], { connects: 500, firstResponse: 50 })
  trial.give({ candidates: [a] })
  await trial.pass(100)

  t.is(trial.host.story.of(a).attempts[0]?.firstResponseAt, trial.clock.now() - 50)
  t.is(errorsOf(trial).filter(text => text.includes('did not pass on onFirstResponse with its time')).length, 1)
})

test('a layer that leaves out the optional listeners is no fault', async t => {
  const trial = tryOut(t, race({ attempt: [next => async (candidate, { signal, clock, timeout, onStart, onFirstResponse }) => next(candidate, { signal, clock, timeout, onStart, onFirstResponse })] }))
  trial.give({ candidates: [a, b] })
  await trial.pass(300)

  t.deepEqual(dialled(trial), ['1 @0', '2 @250'])
  t.deepEqual(errorsOf(trial), [])
})

test('attemptTimeout() ends an attempt whose inner layer forgets onStart', async t => {
  const trial = tryOut(t, race({ attempt: [attemptTimeout(300), listening(() => ({ onStart: () => {} }))] }))
  trial.give({ candidates: [a] })
  await trial.pass(300)

  t.true(trial.ended)
  t.regex(trial.dial.outcomes.map(one => one.status === 'failed' ? one.error.name : one.status).join(), /TimeoutError/)
})
