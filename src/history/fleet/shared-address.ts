import { multiaddr } from '@multiformats/multiaddr'
import { Facts } from '../../address/facts.ts'
import { isOversized } from '../../pipeline/candidate.ts'

/** Reads an address. Undefined: it is not written as history keeps it */
export function factsOf (text: string): Facts | undefined {
  try {
    const address = multiaddr(text)

    return address.toString() === text && !isOversized(address) ? new Facts(address) : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether an address is one for every member of a fleet: of the internet at large, or of the private network that all of them are in.
 * Loopback and link-local addresses are others for each machine
 */
export function isShared ({ scope }: Facts, isPrivate: boolean): boolean {
  return scope === 'public' || scope === 'name' || (isPrivate && scope === 'private')
}
