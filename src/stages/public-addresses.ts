import { checkArguments } from '../pipeline/check-options.ts'
import { filtering } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Keeps addresses that can be proved to lead out of this machine and its network, whoever gave them: public IP addresses,
 * AutoTLS names of public IP addresses, relays by the first hop, and what has no host at all (onion services, a relay that is given
 * by its peer id). Drops other names, because nobody knows where they lead: `lookup` and `resolve` above make IP addresses of names.
 */
export function publicAddresses (): Stage<'candidates', 'candidates', 'public-addresses'> {
  checkArguments('publicAddresses()', arguments)

  return filtering('public-addresses', ({ facts: { scope } }) => {
    switch (scope) {
      case 'public':
      case 'none':
        return true
      case 'name':
        return 'a name that was not looked up, or that its transport looks up again: nobody knows where it leads'
      case 'unspecified':
        return 'an unspecified address'
      case 'private':
      case 'loopback':
      case 'link-local':
      case 'multicast':
      case 'reserved':
        return `a ${scope} address`
    }
  })
}
