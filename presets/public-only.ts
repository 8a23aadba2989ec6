import { publicOnly as publicAddresses } from '../src/stages/public-only.ts'
import { staggered } from './staggered.ts'

/** Nothing of this machine or its network, whoever gave it: also not what a name resolves to */
export function publicOnly () {
  return staggered().after('dialable', publicAddresses())
}
