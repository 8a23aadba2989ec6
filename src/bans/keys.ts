import { ipToString, maskIp } from '@chainsafe/netmask'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR, CODE_P2P } from '@multiformats/multiaddr'
import { ipOf } from '../address/ip.ts'
import type { Component, Multiaddr } from '@multiformats/multiaddr'

const NAMES = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR])

export function peerKey (peer: string): string {
  return `/p2p/${peer}`
}

export function prefixKey (network: Uint8Array, length: number): string {
  return `${ipToString(network)}/${length}`
}

export function addressKey (components: readonly Component[]): string {
  return components.map(textOf).join('')
}

/**
 * Under what an address may be banned: the peers on its way, each address that it begins with, and its IP address's networks
 *
 * @param longest - characters of the longest key of a ban. A stranger's address may have any number of beginnings
 */
export function * keysOf (multiaddr: Multiaddr, masks: Iterable<{ mask: Uint8Array, length: number }>, longest: number): Generator<string> {
  let begin = ''

  for (const component of multiaddr.getComponents()) {
    const text = textOf(component)

    if (begin.length <= longest) {
      begin += text
      yield begin
    }

    if (component.code === CODE_P2P) {
      yield text
    }
  }

  const ip = ipOf(multiaddr)

  for (const { mask, length } of masks) {
    if (mask.length === ip?.length) {
      yield prefixKey(maskIp(ip, mask), length)
    }
  }
}

function textOf ({ code, name, value }: Component): string {
  if (value == null) {
    return `/${name}`
  }

  if (code === CODE_P2P) {
    return peerKey(canonicalPeer(value))
  }

  return `/${name}/${NAMES.has(code) ? value.toLowerCase() : value}`
}

/** A peer id can also be written as a CID */
function canonicalPeer (peer: string): string {
  try {
    return peer.startsWith('1') || peer.startsWith('Q') ? peer : peerIdFromString(peer).toString()
  } catch {
    // a CID of something else
    return peer
  }
}
