import { multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../../address/facts.ts'
import { isOversized } from '../../pipeline/candidate.ts'

/** Parses an address. Undefined: it is not in the form that the history stores */
export function factsOf (text: string): Facts | undefined {
  try {
    const address = multiaddr(text)

    return address.toString() === text && !isOversized(address) ? new Facts(address) : undefined
  } catch {
    return undefined
  }
}

/**
 * Returns whether an address means the same host to every member of a fleet: on the internet, or in a private network that all of them are in. Loopback
 * and link-local addresses do not
 */
export function isShared ({ scope }: Facts, isPrivate: boolean): boolean {
  return scope === 'public' || scope === 'name' || (isPrivate && scope === 'private')
}
