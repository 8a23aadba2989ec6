import test from 'ava'
import { fromCaller, goDelays, oddsPace, pipeline, race, stagger } from '../../src/stages/index.ts'
import { address, engineWorld, newPeer } from '../helpers/scripted.ts'

for (const pace of [stagger(), goDelays(), oddsPace()]) {
  test(`${pace.name}: where both sides dial at the same moment nothing waits but for the 10 ms between attempts`, async t => {
    const peer = await newPeer()
    const { engine, clock, network } = engineWorld(pipeline(fromCaller(), pace, race()))
    const dial = engine.dial([1, 2, 3].map(n => address(n, peer)), { initiator: false })
    await clock.advance(100)

    t.deepEqual(network.attempts.map(({ at }) => at), [0, 10, 20])
    engine.stop()
    await t.throwsAsync(dial, { name: 'AbortError' })
  })
}
