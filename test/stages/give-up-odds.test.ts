import { TimeoutError } from '@libp2p/interface'
import { fc, testProp } from '@fast-check/ava'
import test from 'ava'
import { MIN_ONLINE } from '../../src/stages/give-up-round.ts'
import { dose } from '../support/dose.ts'
import { candsUpTo, dialled, runStage, tryOut } from '../testing/try-out.ts'
import { FakeHistory, withHistory } from './fake-history.ts'
import { giveUpOneByOne } from './give-up-one-by-one.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

for (const [online, valid, tries] of [
  [0.75, 2 / 3, 6],
  [0.75, 0.3, 16],
  [0.75, 0.9, 3],
  [0.75, 1, 2],
  [0.95, 2 / 3, 7],
  [0.2, 2 / 3, 3],
  [0.005, 0.1, 1]
] as const) {
  test(`giveUp() tries ${tries} silent addresses of a peer online with ${online} and valid addresses with ${valid.toFixed(2)}`, async t => {
    const history = new FakeHistory()
    history.isOnline = online
    const all = candsUpTo(25)
    all.forEach(({ id }) => history.valid.set(id, valid))
    const trial = await runStage(t, giveUpOneByOne(), all, withHistory(history))

    t.is(dialled(trial).length, tries)
    t.true(trial.ended)
    t.is(trial.clock.pending, 0)
  })
}

test('giveUp() tries more silent addresses after refusals', async t => {
  for (const [refused, tries] of [[0, 4], [1, 9], [4, 20]] as const) {
    const history = new FakeHistory()
    history.strength = 8
    const all = candsUpTo(25)
    all.forEach(({ id }) => history.valid.set(id, 0.93))
    const trial = tryOut(t, giveUpOneByOne(), withHistory(history))
    trial.script(all.slice(0, refused), { refuses: 10 })
    trial.give({ candidates: all })
    await trial.rest()

    t.is(dialled(trial).length - refused, tries)
  }
})

testProp('giveUp() stops exactly when the posterior of the peer being online falls below its limit', [
  fc.array(fc.record({ valid: fc.double({ min: 0, max: 1, noNaN: true }), isSilent: fc.boolean() }), { minLength: 1, maxLength: 12 }),
  fc.double({ min: 0.01, max: 0.99, noNaN: true })
], async (t, addresses, before) => {
  const history = new FakeHistory()
  history.isOnline = before
  const all = candsUpTo(addresses.length)
  const trial = tryOut(t, giveUpOneByOne({ attempts: Infinity }), withHistory(history))
  addresses.forEach(({ valid, isSilent }, i) => {
    history.valid.set((all[i] as Candidate).id, valid)
    trial.script([all[i] as Candidate], isSilent ? 'silent' : { refuses: 10 })
  })
  trial.give({ candidates: all })
  await trial.rest()

  // Bayes' rule for each address in turn
  let posterior = before
  let tries = 0

  for (const { valid, isSilent } of addresses) {
    const doubt = 1 - Math.min(valid, 0.99)
    tries++
    posterior = isSilent ? posterior * doubt / (posterior * doubt + 1 - posterior) : posterior
    // skips cases that are too close for floating point
    fc.pre(Math.abs(posterior - MIN_ONLINE) > 1e-9)

    if (isSilent && posterior < MIN_ONLINE) {
      break
    }
  }

  t.is(dialled(trial).length, tries)
}, { numRuns: dose(100) })

test('giveUp() counts a refusal or a failed handshake as proof that the peer is online', async t => {
  for (const error of [new Error('connect ECONNREFUSED'), Object.assign(new Error('closed'), { name: 'EncryptionFailedError' })]) {
    const all = candsUpTo(25)
    const trial = await runStage(t, giveUpOneByOne({ attempts: Infinity }), all, { script: { refuses: 10, error }, ...withHistory() })
    t.is(dialled(trial).length, 25)
  }
})

test('giveUp() counts a system timeout as silence', async t => {
  const all = candsUpTo(25)
  const trial = tryOut(t, giveUpOneByOne(), withHistory())
  trial.script(all, { refuses: 10, error: Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }) })
  trial.script(all.slice(0, 3), { refuses: 10, error: new TimeoutError() })
  trial.give({ candidates: all })
  await trial.rest()
  t.is(dialled(trial).length, 6)
})
