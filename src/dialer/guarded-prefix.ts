import { hostOf } from '../address/network.ts'
import { readPeerId } from './read-peer-id.ts'
import type { Candidate, DialComponents } from '../pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Somebody answers for it: who asked for the dial, or this node, which has been connected there */
const TRUSTED = new Set(['user', 'dialled'])

/**
 * The network, or the name, to which no more than a few attempts go at once, because nobody answers for the address: answers
 * that name thousands of "peers" at one place would have all who believe them attack that place. Undefined: they may.
 */
export function guardedPrefix ({ isCertified, provenance, multiaddr }: Candidate, components: DialComponents): string | undefined {
  if (isCertified || provenance.some(({ source }) => TRUSTED.has(source)) || isRelayConnected(multiaddr, components)) {
    return
  }

  const { network, prefix } = hostOf(multiaddr)

  if (network === 'name') {
    return multiaddr.getComponents().find(({ name }) => name.startsWith('dns'))?.value?.toLowerCase()
  }

  return network === 'public' ? prefix : undefined
}

/** Then nothing is dialled where the address begins */
function isRelayConnected (multiaddr: Multiaddr, { connectionManager }: DialComponents): boolean {
  const components = multiaddr.getComponents()
  const circuit = components.findIndex(({ name }) => name === 'p2p-circuit')
  const text = components.slice(0, Math.max(0, circuit)).findLast(({ name }) => name === 'p2p')?.value
  const relay = text == null ? undefined : readPeerId(text)

  return relay != null && connectionManager.getConnections(relay).some(({ status }) => status === 'open')
}
