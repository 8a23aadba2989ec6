import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { checkArguments, checkValue } from '../../pipeline/check-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { checkNetworkInit, PEER_NUMBER } from './network-init.ts'
import { drawScript, isGood, limitOf } from './fate.ts'
import { logNormal, seeded, seedOf } from './random.ts'
import { TRANSPORTS, UPGRADE_ROUND_TRIPS } from './transports.ts'
import type { HostFate, Link } from './fate.ts'
import type { Random } from './random.ts'
import type { SimulatedAddressKind, SimulatedNetworkInit } from './network-init.ts'
import type { Script } from '../scripted-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An address of a simulated peer, and its behaviour */
export interface SimulatedAddress {
  /** The address, without the peer id */
  readonly multiaddr: Multiaddr
  /** The behaviour of the address in every attempt of this visit */
  readonly script: Script
}

/** A name that has to be resolved, such as a `/dnsaddr` */
export interface SimulatedName {
  readonly multiaddr: Multiaddr
  /** Milliseconds until the name is resolved */
  readonly after: number
  /** The addresses to which the name resolves */
  readonly addresses: readonly SimulatedAddress[]
}

/** A peer of a simulated network */
export interface SimulatedPeer {
  readonly id: PeerId
  /** The addresses, in the order in which the dialling node knows them */
  readonly addresses: readonly SimulatedAddress[]
  /** Names of the peer. They follow the addresses */
  readonly names?: readonly SimulatedName[]
  /** Milliseconds that a dial of the best address alone takes: no dialer is faster. Infinity: no address connects */
  readonly limit: number
  /** Milliseconds after a relayed connection until a direct one replaces it. Undefined: the connection stays relayed */
  readonly upgradesAfter?: number
}

/** A network whose peers are drawn at random from a seed */
export interface SimulatedNetwork {
  /**
   * Returns the peer with a number. The same number returns the same peer
   *
   * @param n the number of the peer
   * @param visit the number of earlier visits. The addresses and their quality stay, jitter and losses are drawn again @default 0
   * @throws InvalidPipelineError for a number that is not a whole one of 32 bits, and if no address of an online peer can connect
   */
  peer (n: number, visit?: number): SimulatedPeer
}

/** The maximum number of draws of one peer: an online peer without a good address is drawn again */
const MAX_DRAWS = 10_000

/**
 * Creates a network of simulated peers, to compare pipelines on. Nothing is dialled over a real network.
 *
 * ```ts
 * const network = simulatedNetwork({ addresses: [{ transport: 'quic', good: 0.8 }, { transport: 'tcp' }], roundTrip: 100 })
 * ```
 *
 * @param init the kinds of addresses and the properties of the network
 * @throws InvalidPipelineError for an unknown or wrong option
 */
export function simulatedNetwork (init: SimulatedNetworkInit): SimulatedNetwork {
  checkArguments('simulatedNetwork()', arguments, 1)
  checkNetworkInit('simulatedNetwork()', init)
  const { seed = 1, online = 1, oneHost = false, roundTrip = 80, spread = 0.7, upgrades = 0 } = init
  const kinds = init.addresses.flatMap(kind => Array.from({ length: kind.count ?? 1 }, () => kind))

  return {
    peer: (n, visit = 0) => {
      checkValue('peer()', n, PEER_NUMBER)
      checkValue('peer()', visit, PEER_NUMBER)
      const random = seeded(seedOf(seed, n, 0))
      const id = drawPeerId(random)
      const isOnline = random() < online
      const host = { 4: drawIp(random, 4), 6: drawIp(random, 6), roundTrip: logNormal(random, roundTrip, spread) }
      const upgrade = random() < upgrades ? host.roundTrip * UPGRADE_ROUND_TRIPS : undefined
      const links = kinds.map((kind, i) => drawLink(kind, i, random))
      const fates = isOnline ? drawFates(random) : kinds.map((): HostFate => 'offline')
      // a seed of its own: a later visit keeps the addresses and draws jitter and losses again
      const moment = seeded(seedOf(seed, n, visit + 1))
      const addresses = links.map((link, i) => ({ multiaddr: link.multiaddr, script: drawScript(link, fates[i] ?? 'silent', init, moment) }))

      return { id, addresses, limit: limitOf(addresses), upgradesAfter: upgrade }

      function drawLink ({ transport, version = 4, roundTrip: median }: SimulatedAddressKind, i: number, random: Random): Link & { multiaddr: Multiaddr } {
        const isShared = oneHost && transport !== 'relay'
        // these values are drawn even if unused: later draws must not depend on `oneHost`
        const own = { ip: drawIp(random, version), trip: logNormal(random, median ?? roundTrip, spread), relay: drawPeerId(random) }
        const path = TRANSPORTS[transport].path.replace('PORT', String(4_001 + i))
        const text = `/ip${version}/${isShared ? host[version] : own.ip}/${path}${transport === 'relay' ? `/p2p/${own.relay.toString()}/p2p-circuit` : ''}`

        return { transport, roundTrip: isShared && median == null ? host.roundTrip : own.trip, multiaddr: multiaddr(text) }
      }
    }
  }

  function drawFates (random: Random): HostFate[] {
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const fates = kinds.map(kind => drawFate(kind, random))

      if (fates.some(isGood)) {
        return fates
      }
    }

    throw new InvalidPipelineError(`simulatedNetwork() has drawn ${MAX_DRAWS} peers, and no address of them connects: give a kind of addresses a higher "good"`)
  }
}

function drawFate ({ good = 1, refuses = 0, stalls = 0 }: SimulatedAddressKind, random: Random): HostFate {
  const isBad = random() >= good
  const kind = random()

  return !isBad ? 'good' : kind < refuses ? 'refuses' : kind < refuses + stalls ? 'stalls' : 'silent'
}

/** Draws a peer id without a private key: no real peer has it */
export function drawPeerId (random: Random): PeerId {
  // the identity multihash of an Ed25519 public key in its protobuf
  const bytes = Uint8Array.from([0, 36, 8, 1, 18, 32, ...Array.from({ length: 32 }, () => Math.floor(random() * 256))])

  return peerIdFromMultihash({ code: 0, size: 36, digest: bytes.subarray(2), bytes })
}

/** Draws a public IP address */
function drawIp (random: Random, version: 4 | 6): string {
  const part = (count: number): number => Math.floor(random() * count)

  return version === 4
    ? `${20 + part(70)}.${part(256)}.${part(256)}.${1 + part(254)}`
    : `2a0${part(8)}:${part(65_536).toString(16)}:${part(65_536).toString(16)}::${(1 + part(65_535)).toString(16)}`
}
