import type { Facts } from '../../address/facts.ts'

/**
 * Whether an address is one for every member of a fleet: of the internet at large, or of the private network that all of them are in.
 * Loopback and link-local addresses are others for each machine
 */
export function isShared ({ scope }: Facts, isPrivate: boolean): boolean {
  return scope === 'public' || scope === 'name' || (isPrivate && scope === 'private')
}
