import { checkArguments } from '../src/pipeline/check-options.ts'
import { lookup } from '../src/stages/lookup.ts'
import { publicAddresses } from '../src/stages/public-addresses.ts'
import { adaptive } from './adaptive.ts'

/**
 * As `adaptive()`, but nothing of this machine or its network, whoever gave it, nor what names resolve to there. What is
 * dialled is the IP address that was judged. A name over TLS, which its transport looks up again, is dialled only where AutoTLS
 * has given it to a public IP address.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function publicOnly () {
  checkArguments('publicOnly()', arguments)

  return adaptive().after('resolve', lookup()).after('dialable', publicAddresses())
}
