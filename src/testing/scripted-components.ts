import { NotFoundError } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { History } from '../history/history.ts'
import { checkArguments, checkOptions } from '../pipeline/check-options.ts'
import { CLOCK, OBJECT, PEER_ID, required } from '../pipeline/option-kinds.ts'
import { silentLogger } from './silent-logger.ts'
import type { ScriptedNetwork } from './scripted-network.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { Address, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface ScriptedComponentsInit extends Partial<DialComponents> {
  clock: Clock
  network: ScriptedNetwork
  peerId: PeerId
  /** What the peer store knows of every peer */
  stored?: readonly Address[]
  /** The signed record that it has of every peer: of one peer at most it proves which addresses are certified */
  peerRecordEnvelope?: Uint8Array
  /** What the peer routing finds for every peer */
  routed?: () => Promise<readonly Multiaddr[]>
}

const NEEDED = { clock: required(CLOCK), network: required(OBJECT), peerId: required(PEER_ID) }

/**
 * Returns what a node gives to stages, around a scripted network
 *
 * @param init what the network is, and components that are to be others than scripted ones
 * @throws InvalidPipelineError without a clock, a network or a peer id
 */
export function scriptedComponents (init: ScriptedComponentsInit): DialComponents {
  checkArguments('scriptedComponents()', arguments, 1)
  const { clock, network, peerId, stored = [], peerRecordEnvelope, routed = async () => [], ...rest } = init ?? {}
  checkOptions('scriptedComponents()', { clock, network, peerId }, NEEDED)
  const components = {
    peerId,
    clock,
    logger: silentLogger,
    events: new TypedEventEmitter(),
    connectionGater: {},
    connectionManager: {
      getConnections: (peer?: PeerId) => network.open.filter(({ remotePeer }) => peer == null || String(remotePeer) === peer.toString())
    },
    peerStore: {
      get: async (peer: PeerId) => {
        if (stored.length === 0) {
          throw new NotFoundError(`nothing is known of ${peer.toString()}`)
        }

        return { id: peer, addresses: stored, peerRecordEnvelope }
      },
      merge: async () => {}
    },
    peerRouting: {
      findPeer: async (id: PeerId) => ({ id, multiaddrs: await routed() })
    },
    transportManager: {
      getAddrs: () => [],
      dialTransportForMultiaddr: () => ({ [Symbol.toStringTag]: 'scripted' }),
      dial: network.dial.bind(network)
    },
    history: new History(clock),
    settings: { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25 },
    ...rest
  }

  return components as unknown as DialComponents
}
