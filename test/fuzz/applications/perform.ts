import { setTimeout as sleep } from 'node:timers/promises'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { createNode } from '../../helpers/node.ts'
import type { Call, Limits, ScriptedOptions } from './script.ts'
import type { TestPeer, TestPeers } from './peers.ts'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Milliseconds after which a step counts as hanging: libp2p's own dialer needs a second for each silent address */
const TOO_LONG = 20_000

export const HANGS = 'hangs'

/** The outcome of a step: those of its calls, and the peers that are connected after it */
export interface StepOutcome {
  readonly results: readonly string[]
  readonly connected: readonly string[]
}

/** Runs a script on a new node. A result begins with `ok` if the call did what was asked */
export async function perform (steps: readonly Call[][], peers: TestPeers, limits: Limits, services: Record<string, (components: any) => unknown>): Promise<StepOutcome[]> {
  const gate = new ScriptedGate()
  const node = await createNode({
    listen: [],
    transports: [tcp(), webSockets(), memory(), circuitRelayTransport()],
    connectionGater: gate.gater,
    connectionManager: { dialTimeout: 4_000, addressDialTimeout: 1_000, reconnectRetries: 0, ...limits },
    services: { identify: identify(), ...services }
  })
  const outcomes: StepOutcome[] = []

  for (const step of steps) {
    const controller = new AbortController()
    const results = await Promise.race([
      Promise.all(step.map(async call => resultOf(call, node, peers, gate))),
      sleep(TOO_LONG, [HANGS], { signal: controller.signal })
    ])
    controller.abort()
    outcomes.push({ results, connected: [...new Set(node.getConnections().map(({ remotePeer }) => peers.nameOf(remotePeer)))].toSorted() })
  }

  await node.stop()

  return outcomes
}

async function resultOf (call: Call, node: Libp2p, peers: TestPeers, gate: ScriptedGate): Promise<string> {
  try {
    switch (call.type) {
      case 'dial': {
        const { remotePeer, limits } = await node.dial(targetOf(call.peer, call.addresses), dialOptions(call.options))

        return `ok ${peers.nameOf(remotePeer)}${limits == null ? '' : ' limited'}`
      }

      case 'isDialable': return `ok ${await node.isDialable(call.addresses.map(one => multiaddr(one)))}`
      case 'merge': case 'patch': case 'save': await node.peerStore[call.type](call.peer.id, { multiaddrs: call.addresses.map(one => multiaddr(one)) }); break
      case 'delete': await node.peerStore.delete(call.peer.id); break
      case 'hangUp': await node.hangUp(call.peer.id); break
      case 'remoteClose': await Promise.all(call.peer.node?.getConnections(node.peerId).map(async one => one.close()) ?? []); break
      case 'deny': gate.rule = call; break

      case 'restart': {
        await node.stop()
        await node.start()
      }
    }

    return 'ok'
  } catch (err) {
    return `failed: ${(err as Error | undefined)?.name}`
  }
}

function targetOf ({ id }: TestPeer, addresses: readonly string[]): TestPeer['id'] | Multiaddr[] {
  return addresses.length === 0 ? id : addresses.map(one => multiaddr(one))
}

function dialOptions ({ abortAfter, ...options }: ScriptedOptions): ScriptedOptions & { signal?: AbortSignal } {
  return abortAfter == null ? options : { ...options, signal: abortAfter === 0 ? AbortSignal.abort() : AbortSignal.timeout(abortAfter) }
}

/** A connection gater that denies what the script says */
class ScriptedGate {
  rule?: Extract<Call, { type: 'deny' }>

  readonly gater: ConnectionGater = {
    denyDialPeer: async id => {
      if (this.#denies('throws') && this.rule?.peer.id.equals(id) === true) {
        throw new Error('the gater failed')
      }

      return this.#denies('peer') && this.rule?.peer.id.equals(id) === true
    },
    denyDialMultiaddr: async address => this.#denies('address') && address.toString().includes(`${this.rule?.peer.id}`),
    filterMultiaddrForPeer: async id => !(this.#denies('filter') && this.rule?.peer.id.equals(id) === true),
    denyOutboundEncryptedConnection: async id => this.#denies('encrypted') && this.rule?.peer.id.equals(id) === true
  }

  #denies (what: string): boolean {
    return this.rule?.what === what
  }
}
