import { DialEngine } from '../../src/dialer/dial-engine.ts'
import { scriptedComponents } from '../../src/testing/scripted-components.ts'
import { ScriptedNetwork } from '../../src/testing/scripted-network.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { address } from './address.ts'
import { newPeer } from './signing-peer.ts'
import type { NodeSettings } from '../../src/dialer/dials/dial-node.ts'
import type { EngineInit } from '../../src/dialer/dial-engine.ts'
import type { DialComponents, DialPipeline } from '../../src/pipeline/types.ts'
import type { ScriptedComponentsInit } from '../../src/testing/scripted-components.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

const self = await newPeer()

/** Turns scripts by number into scripts by address */
export function scripts (byNumber: Record<number, Script>): Record<string, Script> {
  return Object.fromEntries(Object.entries(byNumber).map(([n, script]) => [address(Number(n)).toString(), script]))
}

export interface World {
  clock: VirtualClock
  network: ScriptedNetwork
  components: DialComponents
}

export function world (byNumber: Record<number, Script> = {}, init: Partial<ScriptedComponentsInit> = {}): World {
  const clock = new VirtualClock(0)
  const network = new ScriptedNetwork(clock, scripts(byNumber))

  return { clock, network, components: scriptedComponents({ clock, network, peerId: self, ...init }) }
}

export interface EngineWorld extends World {
  engine: DialEngine
}

/** Creates an engine on a scripted network */
export function engineWorld (pipeline: DialPipeline, byNumber: Record<number, Script> = {}, { settings, slots, traces, ...init }: Omit<Partial<ScriptedComponentsInit>, 'settings'> & Pick<EngineInit, 'slots' | 'traces'> & { settings?: Partial<NodeSettings> } = {}): EngineWorld {
  const all: NodeSettings = { resolvers: {}, addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 10_000, maxParallelDials: 100, maxDialQueueLength: 500, ...settings }
  const made = world(byNumber, { ...init, settings: all })

  return { ...made, engine: new DialEngine(made.components, all, pipeline, { slots, traces }) }
}
