import { sleep } from '../../src/pipeline/clock.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromKnown } from '../../src/stages/from-known.ts'
import { fromRouting } from '../../src/stages/from-routing.ts'
import { race } from '../../src/stages/race.ts'
import { address } from '../helpers/address.ts'
import { engineWorld } from '../helpers/scripted.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { NodeSettings } from '../../src/dialer/dials/dial-node.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Address } from '@libp2p/interface'

interface RouterWorld extends EngineWorld {
  /** The peer ids of the look-ups */
  asked: string[]
  /** The addresses in the peer store */
  addresses: Address[]
}

/** Asks the router when no address is known, or all known addresses have failed */
export const whenExhausted = pipeline(fromCaller(), fromKnown({ when: 'empty' }), fromRouting({ when: 'exhausted' }), race())

/** Asks the router like `whenExhausted`, but not for a caller that passed addresses, and rarely for a peer that was never connected */
export const whenStale = pipeline(fromCaller(), fromKnown({ when: 'empty' }), fromRouting({ when: 'stale' }), race())

/** Creates an engine with a router. Addresses in the peer store, and those that the router finds after `ms` milliseconds, are given by number */
export function routerWorld (whole: DialPipeline, scripts: Record<number, Script>, { stored = [], finds = [], ms = 0, settings }: { stored?: readonly number[], finds?: readonly number[], ms?: number, settings?: Partial<NodeSettings> } = {}): RouterWorld {
  const asked: string[] = []
  const addresses = stored.map(n => ({ multiaddr: address(n), isCertified: false }))
  const made = engineWorld(whole, scripts, { settings, stored: addresses })

  made.components.peerRouting.findPeer = async id => {
    asked.push(id.toString())
    await sleep(ms, made.clock, new AbortController().signal)

    return { id, multiaddrs: finds.map(n => address(n)) }
  }

  return { ...made, asked, addresses }
}
