import { TimeoutError } from '@libp2p/interface'
import test from 'ava'
import { source } from '../../src/pipeline/authoring/source.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { giveUp } from '../../src/stages/give-up.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { cand, cands, candsUpTo, dialled, reason, runStage, tryOut, winners } from '../testing/try-out.ts'
import { FakeHistory, withHistory } from './fake-history.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

test('giveUp() lets attempts in flight finish', async t => {
  const trial = tryOut(t, pipeline(giveUp({ attempts: 1 }), stagger(20), race()), withHistory())
  trial.script([cand(1)], { refuses: 30 })
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: candsUpTo(4) })
  await trial.rest()
  t.deepEqual(dialled(trial), ['1 @0', '2 @20'])
  t.is(winners(trial), '2')
  // the address connected, and has no other reason
  t.is(reason(trial, cand(2)), undefined)
  t.is(reason(trial, cand(3)), 'gave up after a failed attempt')
})

test('giveUp() counts an attempt in flight as silent once an answer is overdue', async t => {
  const trial = await runStage(t, pipeline(giveUp(), stagger(50), race()), candsUpTo(25), { ms: 600, ...withHistory() })
  t.regex(reason(trial, cand(13)) ?? '', /^gave up: with 6 silent, the peer is online with a probability of 0\.\d %$/)
  await trial.rest()
  // the sixth attempt starts at 250 ms, and 49 of 50 answers arrive within 324 ms
  t.is(dialled(trial).at(-1), '12 @550')
  t.is(trial.clock.pending, 0)
})

test('giveUp() does not count an attempt that answered as silent, and resumes after a late answer', async t => {
  const all = candsUpTo(14)
  const trial = tryOut(t, pipeline(giveUp(), stagger(50), race()), withHistory())
  trial.script(all.slice(0, 12), { connects: Infinity, firstResponse: 300 })
  trial.give({ candidates: all })
  await trial.pass(1_000)
  t.is(dialled(trial).length, 14)
  const late = tryOut(t, pipeline(giveUp(), stagger(50), race()), withHistory())
  late.script(all.slice(0, 12), { refuses: 1_000 })
  late.give({ candidates: all })
  await late.pass(900)
  t.is(dialled(late).length, 12)
  await late.pass(1_000)
  t.is(dialled(late).length, 14)
})

for (const [what, scripts, connects] of [['silent', {}, false], ['silent but the last one', { 9: { connects: 60 } }, true]] satisfies Array<[string, Record<number, Script>, boolean]>) {
  test(`giveUp() gives the second attempt of an address that gave way to an untried one: nine addresses are ${what}`, async t => {
    const { engine, clock, network } = engineWorld(pipeline(fromPeerStore(), giveUp(), stagger(10), race()), scripts, {
      history: new FakeHistory(), slots: { peer: 3 }, stored: Array.from({ length: 9 }, (_, i) => ({ multiaddr: address(i + 1), isCertified: false }))
    })
    const result = await clock.until(engine.dial(await newPeer(), { signal: new AbortController().signal }).then(() => 'connected', (err: Error) => err.name))
    t.is(result, connects ? 'connected' : 'AggregateError')
    t.is(new Set(network.dialled).size, 9)
    t.true(network.dialled.length <= 13, `${network.dialled.length}`)
  })
}

test('giveUp() weighs addresses from an exhausted source again', async t => {
  for (const when of ['last call', 'silence']) {
    const script: Script = when === 'silence' ? 'silent' : { refuses: 300, error: new TimeoutError() }
    const further = source('further', async () => cands(31, 32), { when: 'exhausted' })
    const trial = tryOut(t, pipeline(further, giveUp(), stagger(50), race()), withHistory())
    trial.script(candsUpTo(12), script)
    trial.script([cand(32)], { connects: 10 })
    trial.give({ candidates: candsUpTo(25) })
    await trial.rest()
    t.is(winners(trial), '32', when)
    t.is(reason(trial, cand(25))?.slice(0, 7), 'gave up')
    t.true(dialled(trial).length < 25)
  }
})
