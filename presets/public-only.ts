import { checkArguments } from '../src/pipeline/check-options.ts'
import { lookup, publicAddresses } from '../src/stages/index.ts'
import { adaptive } from './adaptive.ts'

/**
 * Returns `adaptive()` without addresses of this machine and its network, whatever their source. Names that resolve to such addresses are
 * dropped too. A dial goes to the IP address that was judged. The transport of a TLS name looks the name up again: such a name is dialled only if
 * AutoTLS gave it to a public IP address.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function publicOnly () {
  checkArguments('publicOnly()', arguments)

  return adaptive().after('resolve', lookup()).after('dialable', publicAddresses())
}
