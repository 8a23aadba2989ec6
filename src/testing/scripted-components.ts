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
  /** The clock of the node and of its history */
  clock: Clock
  /** The network that the transports dial */
  network: ScriptedNetwork
  /** The peer id of the node itself */
  peerId: PeerId
  /** The addresses that the peer store returns for every peer. Default: none, so that `get()` throws a NotFoundError */
  stored?: readonly Address[] | undefined
  /** The signed record that the peer store returns for every peer. A record certifies the addresses of the peer that signed it only */
  peerRecordEnvelope?: Uint8Array | undefined
  /** Returns the addresses that peer routing finds for every peer. Default: no addresses */
  routed?: (() => Promise<readonly Multiaddr[]>) | undefined
}

const NEEDED = { clock: required(CLOCK), network: required(OBJECT), peerId: required(PEER_ID) }

/**
 * Returns the components of a node whose transports dial a scripted network. The node logs nothing, and its gater denies nothing.
 *
 * ```ts
 * const clock = new VirtualClock()
 * const network = new ScriptedNetwork(clock, { '/ip4/192.0.2.1/tcp/1': { connects: 40 } })
 * const { run } = testDial({ components: scriptedComponents({ clock, network, peerId }), peerId: remotePeer })
 * ```
 *
 * @param init the clock, the network and the peer id of the node. Further properties replace components
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
