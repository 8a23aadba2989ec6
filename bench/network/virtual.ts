import { multiaddr } from '@multiformats/multiaddr'
import { Convergence } from '../../src/convergence/convergence.ts'
import { engineWorld, world } from '../../test/helpers/scripted.ts'
import { limitOf } from './scenarios.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Truth } from './scenarios.ts'
import type { Peer } from './trial.ts'

/** Milliseconds, longer than a dial and what may go on after it */
const LONG = 30_000

/** What a new node dials of a peer, and when, where no machine is ever busy. Without convergence each dial ends with its first connection */
export async function startsInVirtualTime (pipeline: DialPipeline, { addresses, truths }: Peer, converges: boolean): Promise<string[]> {
  const { clock: ofOthers, components } = world()
  // only asked what is better: no connection of this network closes another
  Object.assign(components.connectionManager, { getMaxConnections: () => Infinity })
  const convergence = new Convergence(components, { clock: ofOthers, isUndecided: () => false, close: async () => {}, onPreferred: () => {} }, converges ? {} : false)
  const { clock, network, engine } = engineWorld(pipeline, {}, { convergence })
  addresses.forEach((address, i) => { network.script(address, scriptOf(truths[i] as Truth)) })
  const dial = engine.dial(addresses.map(address => multiaddr(address))).catch(() => {})
  await clock.advance(LONG)
  await dial

  return network.attempts.map(({ multiaddr, at }) => `${at} ms: ${multiaddr}`)
}

function scriptOf (truth: Truth): Script {
  const { fate, roundTrip } = truth

  if (fate === 'answers') {
    return { connects: limitOf([truth]), ...truth.transport !== 'quic' && { firstResponse: roundTrip } }
  }

  return fate === 'refuses' ? { refuses: roundTrip } : 'silent'
}
