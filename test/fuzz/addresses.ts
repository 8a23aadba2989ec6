import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Random } from './random.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const keys = await Promise.all(Array.from({ length: 9 }, async (_, i) => generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i + 1))))

const peers = keys.map(key => peerIdFromPrivateKey(key))

/** The node itself */
export const SELF = peers[0] as PeerId

/** The peer that is dialled after a case, and by no case */
export const PROBED = peers[1] as PeerId

/** The peers that a case dials. Each is also a relay of the others */
export const PEERS: readonly PeerId[] = peers.slice(2)

/** The private keys of the peers, in the same order */
export const KEYS: readonly PrivateKey[] = keys.slice(2)

/** The number of hosts of a case: a low one, so that dials, stores and answers share addresses */
const HOSTS = 14

function transport (random: Random, n: number): string {
  return random.weigh([
    [10, `/ip4/192.0.2.${n}/tcp/4001`],
    [3, `/ip4/192.0.2.${n}/udp/4001/quic-v1`],
    [3, `/ip4/198.51.100.${n}/tcp/443/ws`],
    [2, `/ip6/2001:db8::${n}/tcp/4001`],
    [2, `/ip4/10.0.0.${n}/tcp/4001`],
    [1, `/dns4/host-${n}.example/tcp/4001`],
    [1, `/dnsaddr/name-${n}.example`],
    [0.5, `/ip4/127.0.0.1/tcp/${4000 + n}`],
    [0.3, '/ip4/0.0.0.0/tcp/4001'],
    [0.3, `/dns4/${'x'.repeat(2_000)}${n}/tcp/4001`]
  ])
}

/** Returns a random address, with or without a peer id: usually on one of a few hosts, sometimes behind a relay */
export function randomAddress (random: Random, peer?: PeerId, circuits = 0.15): Multiaddr {
  const end = peer == null ? '' : `/p2p/${peer}`

  if (peer != null && random.chance(circuits)) {
    const host = random.chance(0.4) ? transport(random, random.between(1, HOSTS)) : ''

    return multiaddr(`${host}/p2p/${random.pick(PEERS)}/p2p-circuit${end}`)
  }

  return multiaddr(`${transport(random, random.between(1, HOSTS))}${random.chance(0.8) ? end : ''}`)
}

/** Returns the nth of many addresses */
export function numberedAddress (n: number, peer?: PeerId): Multiaddr {
  return multiaddr(`/ip4/203.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}/tcp/4001${peer == null ? '' : `/p2p/${peer}`}`)
}

/** Returns the relay of a circuit address. Undefined: it is not a circuit address */
export function relayOf (address: Multiaddr): string | undefined {
  const components = address.getComponents()
  const circuit = components.findIndex(({ name }) => name === 'p2p-circuit')

  return components.slice(0, Math.max(0, circuit)).findLast(({ name }) => name === 'p2p')?.value
}

/** Returns the peer at the end of the address */
export function lastPeerOf (address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}
