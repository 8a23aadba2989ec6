// a system clock advances while a program runs, so that two readings differ
import test from 'ava'
import { adaptive, goLike, staggered } from '../../../presets/index.ts'
import { DialEngine } from '../../../src/dialer/dial-engine.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import { stagger } from '../../../src/stages/stagger.ts'
import { scriptedComponents } from '../../../src/testing/scripted-components.ts'
import { ScriptedNetwork } from '../../../src/testing/scripted-network.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { scripts } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

/** A clock whose readings each advance it by a microsecond */
class RunningClock extends VirtualClock {
  /** Number of timers that were set */
  timers = 0
  #readings = 0

  override now (): number {
    return super.now() + ++this.#readings / 1_000
  }

  override setTimeout (fn: () => void, ms: number): () => void {
    this.timers++

    return super.setTimeout(fn, ms)
  }
}

for (const [name, whole] of Object.entries({ 'stagger(100)': pipeline(fromCaller(), stagger(100), race()), staggered: staggered(), goLike: goLike(), adaptive: adaptive() })) {
  test(`${name} starts each address on time on a clock that advances between readings`, async t => {
    const clock = new RunningClock()
    const network = new ScriptedNetwork(clock, scripts({ 4: { connects: 20 } }))
    const peer = await newPeer()
    const settings = { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 10_000, maxParallelDials: 100, maxDialQueueLength: 500 }
    const engine = new DialEngine(scriptedComponents({ clock, network, peerId: await newPeer(), settings }), settings, whole)
    const connection = await clock.until(engine.dial([1, 2, 3, 4].map(n => address(n, peer))))

    t.is(connection.remoteAddr.toString(), address(4, peer).toString())
    t.is(network.attempts.length, 4)
    t.true(clock.timers < 100, `${clock.timers} timers were set`)
  })
}
