import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { checkArguments } from '../../pipeline/check-options.ts'
import { InvalidPipelineError } from '../../pipeline/errors.ts'
import { checkNetworkInit } from './network-init.ts'
import { drawScript, isGood, limitOf } from './fate.ts'
import { logNormal, seeded, seedOf } from './random.ts'
import { TRANSPORTS, UPGRADE_ROUND_TRIPS } from './transports.ts'
import type { HostFate, Link } from './fate.ts'
import type { Random } from './random.ts'
import type { SimulatedAddressKind, SimulatedNetworkInit } from './network-init.ts'
import type { Script } from '../scripted-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export interface SimulatedAddress {
  /** Without the id of the peer */
  readonly multiaddr: Multiaddr
  /** What the address does whenever it is dialled */
  readonly script: Script
}

/** A name that has to be resolved, such as a `/dnsaddr` */
export interface SimulatedName {
  readonly multiaddr: Multiaddr
  /** Milliseconds until it is resolved */
  readonly after: number
  /** The addresses that the name leads to */
  readonly addresses: readonly SimulatedAddress[]
}

export interface SimulatedPeer {
  readonly id: PeerId
  /** In the order in which they are known */
  readonly addresses: readonly SimulatedAddress[]
  /** Known after the addresses */
  readonly names?: readonly SimulatedName[]
  /** Milliseconds in which a dial of the best address alone connects. Infinity: no address connects */
  readonly limit: number
  /** Milliseconds after which a relayed connection is replaced with a direct one. Undefined: it stays relayed */
  readonly upgradesAfter?: number
}

/** A network whose peers are drawn by chance */
export interface SimulatedNetwork {
  /**
   * Returns a peer, the same one for the same number
   *
   * @param visit how often the peer was met before: its addresses and what they are like stay, jitter and losses are others
   */
  peer (n: number, visit?: number): SimulatedPeer
}

/** Peers that are online and have no good address are drawn again, so often at most */
const MAX_DRAWS = 10_000

/**
 * Returns a network in which each address of a peer does what is drawn for it
 *
 * @throws InvalidPipelineError for an unknown or wrong option, and where no address of a peer can ever connect
 */
export function simulatedNetwork (init: SimulatedNetworkInit): SimulatedNetwork {
  checkArguments('simulatedNetwork()', arguments, 1)
  checkNetworkInit('simulatedNetwork()', init)
  const { seed = 1, online = 1, oneHost = false, roundTrip = 80, spread = 0.7, upgrades = 0 } = init
  const kinds = init.addresses.flatMap(kind => Array.from({ length: kind.count ?? 1 }, () => kind))

  return {
    peer: (n, visit = 0) => {
      const random = seeded(seedOf(seed, n, 0))
      const id = drawPeerId(random)
      const isOnline = random() < online
      const host = { 4: drawIp(random, 4), 6: drawIp(random, 6), roundTrip: logNormal(random, roundTrip, spread) }
      const upgrade = random() < upgrades ? host.roundTrip * UPGRADE_ROUND_TRIPS : undefined
      const links = kinds.map((kind, i) => drawLink(kind, i, random))
      const fates = isOnline ? drawFates(random) : kinds.map((): HostFate => 'offline')
      // apart from what lasts: a second visit meets another moment of the same network
      const moment = seeded(seedOf(seed, n, visit + 1))
      const addresses = links.map((link, i) => ({ multiaddr: link.multiaddr, script: drawScript(link, fates[i] ?? 'silent', init, moment) }))

      return { id, addresses, limit: limitOf(addresses), upgradesAfter: upgrade }

      function drawLink ({ transport, version = 4, roundTrip: median }: SimulatedAddressKind, i: number, random: Random): Link & { multiaddr: Multiaddr } {
        const isShared = oneHost && transport !== 'relay'
        // drawn in any case, so that what follows is the same
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

/** Of no private key: nobody answers for it */
export function drawPeerId (random: Random): PeerId {
  // an identity multihash of an Ed25519 public key in its protobuf
  const bytes = Uint8Array.from([0, 36, 8, 1, 18, 32, ...Array.from({ length: 32 }, () => Math.floor(random() * 256))])

  return peerIdFromMultihash({ code: 0, size: 36, digest: bytes.subarray(2), bytes })
}

/** Of the public internet */
function drawIp (random: Random, version: 4 | 6): string {
  const part = (count: number): number => Math.floor(random() * count)

  return version === 4
    ? `${20 + part(70)}.${part(256)}.${part(256)}.${1 + part(254)}`
    : `2a0${part(8)}:${part(65_536).toString(16)}:${part(65_536).toString(16)}::${(1 + part(65_535)).toString(16)}`
}
