import { queryObjects } from 'node:v8'
import test from 'ava'
import { DialRun } from '../../src/dialer/dial-run.ts'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'

test('the error of a dial keeps nothing of the dial in memory', async t => {
  const { engine, clock } = engineWorld(pipeline(fromCaller(), race()), { 1: { refuses: 1 }, 2: { refuses: 1 } })
  const peers = await Promise.all(Array.from({ length: 20 }, newPeer))
  const errors = await clock.until(Promise.all(peers.map(async peer => engine.dial([address(1, peer), address(2, peer)]).catch((err: Error) => err))))

  t.true(errors.every(error => error instanceof AggregateError && error.stack?.includes('All multiaddr dials failed')))
  t.is(queryObjects(DialRun, { format: 'count' }), 0)
})
