import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../src/stages/from-peer-store.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export const PUBLIC = '/ip4/198.41.0.1/tcp/1'
export const PRIVATE = '/ip4/10.0.0.1/tcp/1'

/** The pipeline of a node without filters */
export const node = pipeline(fromCaller(), fromPeerStore({ when: 'empty' }), stagger(), race())

export const RELAYS: PeerId[] = await Promise.all([newPeer(), newPeer()])
export const [RELAY] = RELAYS as [PeerId]
export const PEER = await newPeer()

interface World extends EngineWorld {
  /** Returns the addresses that were connected to or attempted */
  dialled: () => string[]
}

/** Creates a node whose transport dials a relay by its peer id, as circuit relay and WebRTC do. It passes on all options, or only the signal */
export function behindRelay (whole: DialPipeline, { stored = [PUBLIC], handsOn = (options: any) => options, slots = {} }: { stored?: string[], handsOn?: (options: any) => any, slots?: object } = {}): World {
  const made = engineWorld(whole, {}, { slots })
  const { transportManager, peerStore, connectionManager } = made.components
  const dialled: string[] = []
  const { dial } = transportManager
  const open: Connection[] = []

  peerStore.get = async (id: any) => ({ id, addresses: RELAYS.some(one => one.equals(id)) ? stored.map(one => ({ multiaddr: multiaddr(one), isCertified: false })) : [] }) as any
  connectionManager.getConnections = (id: any) => open.filter(({ remotePeer }) => id == null || String(remotePeer) === String(id))
  made.network.script(PUBLIC, { connects: 20 })
  made.network.script(PRIVATE, { connects: 5 })
  transportManager.dial = async (address, options) => {
    const relay = RELAYS.find(one => address.toString().includes(`/p2p/${one}/p2p-circuit`))

    if (relay != null && connectionManager.getConnections(relay).length === 0) {
      await made.engine.dial(relay, handsOn(options))
    }

    dialled.push(address.toString())

    if (relay != null) {
      made.network.script(address.toString(), { connects: 20 })
    }

    const connection = await dial(address, options)
    open.push(connection)

    return connection
  }

  return { ...made, dialled: () => dialled.filter(one => !one.includes('p2p-circuit')).map(one => one.split('/p2p/')[0] as string) }
}

/** Returns the address of the peer behind a relay */
export function circuit (relayAddress = '', relay: PeerId = RELAY): Multiaddr {
  return multiaddr(`${relayAddress}/p2p/${relay}/p2p-circuit/p2p/${PEER}`)
}

/** Dials the peer behind the relay once. Returns whether that connects, and the addresses of the relay that were dialled */
export async function dialBehindRelay (whole: DialPipeline, { target = circuit(), options = {}, ...init }: Parameters<typeof behindRelay>[1] & { target?: Multiaddr | PeerId, options?: object } = {}): Promise<{ isConnected: boolean, dialled: string[] }> {
  const { engine, clock, dialled } = behindRelay(whole, init)
  const isConnected = await clock.until(engine.dial(target, options).then(() => true, () => false))

  return { isConnected, dialled: dialled() }
}
