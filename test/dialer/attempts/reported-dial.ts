import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { race } from '../../../src/stages/race.ts'
import type { DialPipelineOptions } from '../../../src/pipeline/types.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The pipeline that dials only the addresses that the caller passes */
export const callerOnly = pipeline(fromCaller(), race())

/** Dials an address of a peer that the DHT has reported */
export async function dialReported ({ engine }: EngineWorld, address: Multiaddr, peer: PeerId, options: DialPipelineOptions = {}): Promise<Connection> {
  return engine.dial(address.encapsulate(`/p2p/${peer.toString()}`), { source: 'dht', pipeline: callerOnly, ...options })
}
