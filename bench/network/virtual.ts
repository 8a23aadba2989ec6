import { multiaddr } from '@multiformats/multiaddr'
import { Convergence } from '../../src/convergence/convergence.ts'
import { engineWorld, world } from '../../test/helpers/scripted.ts'
import { minConnectTime } from './scenarios.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Truth } from './scenarios.ts'
import type { Peer } from './trial.ts'

/** Milliseconds that are longer than any dial, including its work after the first connection */
const LONG = 30_000

/** Returns the addresses that a new node dials in virtual time, with their starts. Without convergence a dial ends with its first connection */
export async function startsInVirtualTime (pipeline: DialPipeline, { addresses, truths }: Peer, converges: boolean): Promise<string[]> {
  const { clock: ofOthers, components } = world()
  // convergence only compares connections here: none of this network closes another
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
    return { connects: minConnectTime([truth]), ...truth.transport !== 'quic' && { firstResponse: roundTrip } }
  }

  return fate === 'refuses' ? { refuses: roundTrip } : 'silent'
}
