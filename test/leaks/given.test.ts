import test from 'ava'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { NOBODY, retained } from './retained.ts'

test('an open connection retains nothing of its dial', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { connects: 10 } })
  const connection = await clock.until(engine.dial(address(1, await newPeer())))
  await engine.dials.idle()

  t.deepEqual(retained(), NOBODY)
  t.is(connection.status, 'open')
})
