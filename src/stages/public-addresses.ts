import { scopeInWords } from '../address/scope-ranges.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Creates a filter that keeps addresses which provably lead out of this machine and its network, for any source:
 *
 * - public IP addresses, and AutoTLS names of public IP addresses
 * - relayed addresses whose relay has such an address
 * - addresses without a host: onion services, and a relay by its peer id
 *
 * The filter drops other names, whose IP address is unknown: put `resolve` and `lookup` above.
 */
export function publicAddresses (): Stage<'candidates', 'candidates', 'public-addresses'> {
  checkArguments('publicAddresses()', arguments)

  return makeFilter('public-addresses', ({ facts: { scope } }) => {
    if (scope === 'name') {
      return 'a name that was not looked up, or that its transport looks up again: nobody knows where it leads'
    }

    return scope === 'public' || scope === 'none' || scopeInWords(scope)
  })
}
