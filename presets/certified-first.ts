import { checkArguments } from '../src/pipeline/check-options.ts'
import { isConfigured } from '../src/pipeline/trust.ts'
import { byCertified, dialable, fromCaller, fromKnown, fromRouting, gater, libp2pOrder, onlyIfNone, pipeline, provenance, race, resolve, stagger, take } from '../src/stages/index.ts'

/**
 * Returns a preset that dials addresses which the caller, the configuration or the peer's signature vouches for. It dials other addresses only if
 * there are none of these: if all of these fail, the dial fails. Addresses that only the remote named over DCUtR or AutoNAT are never dialled.
 * With `withProvenance()` the node knows those addresses, and hole punching does not work.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function certifiedFirst () {
  checkArguments('certifiedFirst()', arguments)

  return pipeline(
    fromCaller(),
    fromKnown(),
    fromRouting({ when: 'empty' }),
    resolve(),
    provenance(),
    // A remote can name any address over DCUtR and AutoNAT, and such an address may be the only one. The stage stands in a pipeline of its own,
    // because .after('resolve', provenance()) would replace it
    pipeline('not-from-remote', provenance({ exclude: ['dcutr', 'autonat'] })),
    dialable(),
    gater(),
    // waits without limit: a slow name may lead to a preferred address
    onlyIfNone(({ isCertified, provenance }, { node: { addressBook } }) => isCertified || provenance.some(({ source }) => isConfigured(source, addressBook?.trust)), { after: Infinity }),
    libp2pOrder(),
    byCertified(),
    take(),
    stagger(),
    race()
  )
}
