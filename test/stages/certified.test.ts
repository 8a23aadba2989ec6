import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { certified } from '../../src/stages/certified.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { cand, reason, said, tryOut } from '../testing/try-out.ts'

test('certified() keeps certified addresses and drops others with the reason', async t => {
  const trial = tryOut(t, certified())
  trial.give({ candidates: [cand(1), cand(2, { isCertified: true })] })
  await trial.settle()
  t.deepEqual(said(trial), ['2'])
  t.is(reason(trial, cand(1)), 'not in a signed peer record')
})

test('certified() judges only addresses from above', async t => {
  const trial = tryOut(t, pipeline(certified(), fromCaller()))
  trial.target.add([cand(3).multiaddr])
  trial.give({ candidates: [cand(1), cand(2, { isCertified: true })] })
  await trial.settle()
  t.deepEqual(said(trial), ['2 3'])
})

test('certified() keeps an address once it is certified', async t => {
  const trial = tryOut(t, certified())
  trial.give({ candidates: [cand(1)] })
  await trial.settle()
  trial.give({ candidates: [cand(1, { isCertified: true })] })
  await trial.settle()
  t.deepEqual(said(trial), ['', '1'])
  t.is(reason(trial, cand(1)), undefined)
})

test('certified() says what to dial instead of an address that names no peer', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), certified(), race()), { 1: { connects: 5 } })

  await t.throwsAsync(clock.until(engine.dial(address(1))), { name: 'NoValidAddressesError', message: /1 dropped by certified: the dial names no peer: add \/p2p\/<peer id>, or dial the peer id \(/ })
})
