import { multiaddr } from '@multiformats/multiaddr'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { EngineWorld } from '../helpers/scripted.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const relay = await newPeer()

/** Dials the caller's addresses 250 ms apart */
export const plain = pipeline(fromCaller(), stagger(250), race())

/** Returns the nth relayed address of a peer */
export const circuit = (peer: PeerId, n = 100): Multiaddr => multiaddr(`/ip4/192.0.2.${n}/tcp/4001/p2p/${relay}/p2p-circuit/p2p/${peer}`)

/** Returns the nth address at which a peer accepts WebRTC over the relay */
export const webRTC = (peer: PeerId, n = 100): Multiaddr => multiaddr(`/ip4/192.0.2.${n}/tcp/4001/p2p/${relay}/p2p-circuit/webrtc/p2p/${peer}`)

/** Returns the nth QUIC address of a peer */
export const quic = (n: number, peer: PeerId): Multiaddr => multiaddr(`/ip4/192.0.2.${n}/udp/4001/quic-v1/p2p/${peer}`)

export interface RelayedWorld extends EngineWorld {
  peer: PeerId
}

/** A world with a peer behind a relay that answers after 12 ms */
export async function relayedWorld (stages: DialPipeline, direct: Record<number, Script> = {}, settings = {}): Promise<RelayedWorld> {
  const peer = await newPeer()
  const made = engineWorld(stages, direct, { settings })
  made.network.script(circuit(peer).toString(), { connects: 12, isLimited: true })

  return { ...made, peer }
}
