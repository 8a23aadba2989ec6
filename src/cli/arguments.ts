import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import { InvalidArgumentError } from 'commander'
import { canonicalPeer } from '../address/peer-id.ts'
import { describeValue } from '../pipeline/describe-value.ts'
import { UsageError } from './exit-codes.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The peer and addresses that the user asks to dial */
export interface NamedTarget {
  peerId?: PeerId
  multiaddrs: Multiaddr[]
}

/** A host and port as other programs write them: `127.0.0.1:4001` */
const HOST_AND_PORT = /^([^\s:/]+):(\d{1,5})$/

/**
 * Parses the addresses and the peer id of one peer. Addresses get the peer id, if one is named, in the form of PeerId.toString()
 *
 * @throws UsageError for anything else, and for addresses of several peers
 */
export function parseTarget (words: readonly string[]): NamedTarget {
  const multiaddrs = words.filter(word => word.startsWith('/')).map(parseMultiaddr)
  const ids = words.filter(word => !word.startsWith('/')).map(parsePeerId)
  const named = [...new Set([...ids.map(String), ...multiaddrs.flatMap(one => peerIdOf(one) ?? [])])]

  if (named.length > 1) {
    throw new UsageError(`one dial is of one peer, and these are ${named.length}: ${named.join(', ')}`)
  }

  const peerId = named[0] == null ? undefined : parsePeerId(named[0])

  return { peerId, multiaddrs: multiaddrs.map(one => peerId == null ? one : (peerIdOf(one) == null ? one : one.decapsulateCode(CODE_P2P)).encapsulate(`/p2p/${peerId.toString()}`)) }
}

/** Parses an option that is a whole number of milliseconds */
export function milliseconds (text: string): number {
  return wholeNumber(text, 2 ** 31 - 1)
}

export function wholeNumber (text: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)

  if (!/^\d+$/.test(text) || value < 1 || value > most) {
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`)
  }

  return value
}

export function probability (text: string): number {
  const value = Number(text)

  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('Expected a number from 0 to 1.')
  }

  return value
}

/** Splits names at commas */
export function names (text: string): string[] {
  const all = text.split(',').map(name => name.trim())

  if (all.some(name => name === '')) {
    throw new InvalidArgumentError('Expected names with commas between them.')
  }

  return all
}

/** Parses a provenance policy: `certified,identify` lists the sources to accept, `!dht` a source to exclude */
export function provenancePolicy (text: string): { include?: string[], exclude?: string[] } {
  const all = names(text)
  const include = all.filter(name => !name.startsWith('!'))
  const exclude = all.filter(name => name.startsWith('!')).flatMap(name => names(name.slice(1)))

  return { ...include.length > 0 && { include }, ...exclude.length > 0 && { exclude } }
}

function parseMultiaddr (text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (err) {
    throw new UsageError(`${describeValue(text)} is not a multiaddr: ${(err as Error).message}`, { cause: err })
  }
}

function parsePeerId (text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (err) {
    const [, host = '', port] = HOST_AND_PORT.exec(text) ?? []
    const hint = port == null ? '' : `: write /${/^[\d.]+$/.test(host) ? 'ip4' : 'dns4'}/${host}/tcp/${port}`
    throw new UsageError(`${describeValue(text)} is neither a multiaddr nor a peer id${hint}`, { cause: err })
  }
}

/** Returns the last peer id, in the form of PeerId.toString(). One before /p2p-circuit is the relay's */
function peerIdOf (address: Multiaddr): string | undefined {
  const last = address.getComponents().at(-1)

  return last?.name === 'p2p' && last.value != null ? canonicalPeer(last.value) : undefined
}
