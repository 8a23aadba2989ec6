import { NotFoundError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { sleep } from '../../pipeline/clock.ts'
import { lowest } from '../../pipeline/extremes.ts'
import { isNamed } from '../../pipeline/runtime/make-stage.ts'
import { scriptedComponents } from '../../testing/scripted-components.ts'
import type { NodeSettings } from '../../dialer/dials/dial-node.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { DialComponents } from '../../pipeline/types.ts'
import type { ScriptedNetwork } from '../../testing/scripted-network.ts'
import type { DialTrace, TraceCandidate } from '../../trace/types.ts'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Any peer id works: none is compared with it */
const OWN_PEER = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'

/** libp2p's default settings */
const SETTINGS = { addressDialTimeout: 6_000, maxPeerAddrsToDial: 25, dialTimeout: 10_000, maxParallelDials: 100, maxDialQueueLength: 500 }

/**
 * Returns a node whose peer store, routing and names give the answers of a recorded dial. Routing and names answer after the same time, at most 1 s for
 * names. The gater and the transports of the node reject the same addresses
 */
export function recordedNode (trace: DialTrace, clock: Clock, network: ScriptedNetwork): { components: DialComponents, settings: NodeSettings } {
  const { candidates } = trace
  // stages that replace addresses: what they found, such as the answers for names, is not in the peer store, because the replay finds it again
  const expanding = new Set(candidates.flatMap(({ verdicts }) => verdicts.filter(({ verdict }) => verdict === 'expanded').map(({ stage }) => stage)))
  const found = candidates.filter(({ source }) => source != null && !isNamed(source, 'from-caller') && !expanding.has(source))
  const stored = found.filter(({ source = '' }) => !isNamed(source, 'from-routing'))
  const routed = found.filter(({ source = '' }) => isNamed(source, 'from-routing'))
  const denied = droppedBy(candidates, 'gater')
  const undialable = droppedBy(candidates, 'dialable')
  const settings = { ...SETTINGS, resolvers: { recorded: recordedResolver(trace, clock) } }

  const components = scriptedComponents({
    clock,
    network,
    settings,
    peerId: peerIdFromString(OWN_PEER),
    connectionGater: { denyDialMultiaddr: (address: Multiaddr) => denied.has(address.toString()) },
    peerStore: {
      get: async (id: PeerId) => {
        if (stored.length === 0) {
          throw new NotFoundError('the trace has no stored address')
        }

        return { id, addresses: stored.map(({ address, provenance }) => ({ multiaddr: multiaddr(address), isCertified: provenance.includes('certified') })), metadata: new Map() }
      },
      merge: async () => {}
    },
    peerRouting: {
      findPeer: async (id: PeerId, { signal = new AbortController().signal }: AbortOptions = {}) => {
        await sleep(timeOf(trace, 'from-routing'), clock, signal)

        return { id, multiaddrs: routed.map(({ address }) => multiaddr(address)) }
      }
    },
    transportManager: {
      getAddrs: () => [],
      dialTransportForMultiaddr: (address: Multiaddr) => undialable.has(address.toString()) ? undefined : { [Symbol.toStringTag]: 'recorded' },
      dial: network.dial.bind(network)
    }
  } as unknown as Parameters<typeof scriptedComponents>[0])

  return { components, settings }
}

/** Returns a resolver that gives the recorded answers when the first of them was attempted in the trace, after one second at most */
function recordedResolver ({ startedAt, candidates }: DialTrace, clock: Clock): NodeSettings['resolvers'][string] {
  const answers = new Map(candidates.flatMap(({ address, verdicts }) => verdicts.flatMap(one => one.verdict === 'expanded' ? [[address, one.into] as const] : [])))
  const begun = new Map(candidates.flatMap(({ address, attempts: [first] }) => first == null ? [] : [[address, first.plannedAt] as const]))

  return {
    canResolve: address => answers.has(address.toString()),
    resolve: async (address, { signal = new AbortController().signal }) => {
      const into = answers.get(address.toString()) ?? []
      const at = startedAt + lowest(into.map(one => begun.get(one) ?? Infinity))
      await sleep(Math.max(0, Math.min(at - clock.now(), 1_000)), clock, signal)

      return into.map(one => multiaddr(one))
    }
  }
}

/** Returns how long a source took, in milliseconds */
function timeOf ({ sources }: DialTrace, name: string): number {
  const { askedAt = 0, endedAt = askedAt } = sources.find(({ stage }) => isNamed(stage, name)) ?? {}

  return Math.max(0, endedAt - askedAt)
}

function droppedBy (candidates: readonly TraceCandidate[], name: string): Set<string> {
  return new Set(candidates.filter(({ verdicts }) => verdicts.some(({ stage, verdict }) => verdict === 'dropped' && isNamed(stage, name))).map(({ address }) => address))
}
