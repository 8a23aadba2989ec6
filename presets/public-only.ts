import { publicOnly as publicAddresses } from '../src/stages/public-only.ts'
import { staggered } from './staggered.ts'

/**
 * Nothing of this machine or its network, whoever gave it: also not what a `/dnsaddr` resolves to. Where a name leads that
 * the transport itself resolves (`/dns4/…`) is not known here: it is dialled
 */
export function publicOnly () {
  return staggered().after('dialable', publicAddresses())
}
