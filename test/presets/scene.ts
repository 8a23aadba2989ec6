import { RecordType } from '@multiformats/dns'
import { multiaddr } from '@multiformats/multiaddr'
import { engineWorld } from '../helpers/scripted.ts'
import { newPeer, recordOf } from '../helpers/signing-peer.ts'
import type { DialPipeline, DialPipelineOptions } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { Connection } from '@libp2p/interface'
import type { DNS } from '@multiformats/dns'

export const RELAY = '12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM'
export const CERTHASH = '/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g'

/** An address of each kind. None makes another one redundant */
export const MIX = {
  loopback: '/ip4/127.0.0.1/tcp/4001',
  private: '/ip4/10.0.0.2/tcp/4001',
  tcp: '/ip4/8.8.8.8/tcp/4001',
  wss: '/ip4/8.8.8.9/tcp/443/tls/ws',
  quic4: '/ip4/8.8.8.8/udp/4001/quic-v1',
  quic6: '/ip6/2a00::8/udp/4001/quic-v1',
  webTransport: `/ip4/8.8.8.8/udp/4002/quic-v1/webtransport${CERTHASH}`,
  webRtcDirect: `/ip4/8.8.8.8/udp/4003/webrtc-direct${CERTHASH}`,
  relayed: `/ip4/8.8.4.4/tcp/4001/p2p/${RELAY}/p2p-circuit`
} as const

export interface SceneInit {
  /** The scripts by address. An address without a script is silent */
  network?: Readonly<Record<string, Script>>
  /** The addresses of the caller */
  given?: readonly string[]
  /** The addresses in the peer store: uncertified and certified ones */
  stored?: readonly string[]
  certified?: readonly string[]
  /** The addresses that routing finds */
  routed?: readonly string[]
  /** The addresses to which each name resolves */
  names?: Readonly<Record<string, readonly string[]>>
  /** The IP addresses of hosts in the DNS. Other hosts do not exist */
  hosts?: Readonly<Record<string, readonly string[]>>
  /** The addresses without a transport, and those that the gater denies */
  undialable?: readonly string[]
  denied?: readonly string[]
  /** The time at which a second caller joins, and its addresses */
  joins?: readonly [at: number, addresses: readonly string[]]
  /** The node's `maxPeerAddrsToDial`. Default: libp2p's */
  most?: number
  /** The options of the dial */
  options?: DialPipelineOptions
  /** Milliseconds until the result is read */
  ms?: number
}

export interface Scene {
  dialled: string[]
  times: number[]
  /** The stage and the reason of each dropped address */
  dropped: Record<string, string>
  connection?: Connection
  error?: Error
  /** The number of queries of routing */
  asked: number
  /** The number of timers that are set after the end of the dial */
  left: number
}

/** Dials a peer with a pipeline on a scripted network */
export async function play (pipeline: DialPipeline, { network = {}, given = [], stored = [], certified = [], routed = [], names = {}, hosts = {}, undialable = [], denied = [], most = 25, joins, options, ms = 9_000 }: SceneInit): Promise<Scene> {
  const peer = await newPeer()
  const bare = (one: { toString (): string }): string => one.toString().replace(`/p2p/${peer.toString()}`, '')
  const ofPeer = (addresses: readonly string[]) => addresses.map(one => multiaddr(`${one}/p2p/${peer.toString()}`))
  const signed = certified.map(one => multiaddr(one))
  let asked = 0

  const { engine, clock, network: scripted, components } = engineWorld(pipeline, {}, {
    stored: [...stored.map(one => ({ multiaddr: multiaddr(one), isCertified: false })), ...signed.map(one => ({ multiaddr: one, isCertified: true }))],
    peerRecordEnvelope: await recordOf(peer, signed),
    routed: async () => {
      asked++
      return routed.map(one => multiaddr(one))
    },
    connectionGater: { denyDialMultiaddr: one => denied.includes(bare(one)) },
    settings: {
      maxPeerAddrsToDial: most,
      resolvers: {
        dnsaddr: {
          canResolve: one => one.toString().startsWith('/dnsaddr/'),
          resolve: async one => (names[bare(one)] ?? []).map(answer => multiaddr(answer))
        }
      }
    },
    dns: dnsOf(hosts),
    slots: { peer: 100 }
  })
  const { dialTransportForMultiaddr } = components.transportManager
  components.transportManager.dialTransportForMultiaddr = one => undialable.includes(bare(one)) || one.toString().startsWith('/dnsaddr/') ? undefined : dialTransportForMultiaddr(one)
  Object.entries(network).forEach(([address, script]) => { scripted.script(address, script) })

  const scene: Scene = { dialled: [], times: [], dropped: {}, asked: 0, left: 0 }
  engine.dial(given.length === 0 ? peer : ofPeer(given), options).then(connection => { scene.connection = connection }, error => { scene.error = error })
  const [dial] = engine.dials.pending

  if (joins != null) {
    const [at, addresses] = joins
    clock.setTimeout(() => { engine.dial(ofPeer(addresses)).catch(() => {}) }, at)
  }

  await clock.advance(ms)
  const story = dial?.run?.story.addresses.values() ?? []
  engine.stop()
  await clock.advance(6_000)

  return {
    ...scene,
    dialled: scripted.dialled,
    times: scripted.attempts.map(({ at }) => at),
    dropped: Object.fromEntries([...story].flatMap(({ candidate, dropped }) => dropped == null ? [] : [[bare(candidate.id), `${dropped.stage}: ${dropped.reason}`]])),
    asked,
    left: clock.pending
  }
}

/** Returns the same script for each address */
export function all (addresses: readonly string[], script: Script): Record<string, Script> {
  return Object.fromEntries(addresses.map(address => [address, script]))
}

function dnsOf (hosts: Readonly<Record<string, readonly string[]>>): DNS {
  return {
    query: async (name: string, { types }: { types: readonly RecordType[] }) => {
      const ips = hosts[name]

      if (ips == null) {
        throw new Error(`queryA ENOTFOUND ${name}`)
      }

      const type = types[0]

      return { Answer: ips.filter(ip => ip.includes(':') === (type === RecordType.AAAA)).map(data => ({ name, type, TTL: 60, data })) }
    }
  } as unknown as DNS
}
