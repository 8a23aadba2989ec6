import { checkArguments } from '../src/pipeline/check-options.ts'
import { onlyIfNone } from '../src/pipeline/authoring/only-if-none.ts'
import { pipeline } from '../src/pipeline/pipeline.ts'
import { isConfigured } from '../src/pipeline/trust.ts'
import { byCertified } from '../src/stages/by-certified.ts'
import { dialable } from '../src/stages/dialable.ts'
import { fromCaller } from '../src/stages/from-caller.ts'
import { fromKnown } from '../src/stages/from-known.ts'
import { fromRouting } from '../src/stages/from-routing.ts'
import { gater } from '../src/stages/gater.ts'
import { libp2pOrder } from '../src/stages/libp2p-order.ts'
import { provenance } from '../src/stages/provenance.ts'
import { race } from '../src/stages/race.ts'
import { resolve } from '../src/stages/resolve.ts'
import { stagger } from '../src/stages/stagger.ts'
import { take } from '../src/stages/take.ts'

/**
 * Dials what the user or the configuration gave and what the peer signed; everything else only if none of those can be dialled. If they
 * all fail, so does the dial. What a remote names to DCUtR or AutoNAT is not dialled: with `withProvenance()` those are known
 * for it, so that there is no hole punching.
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
    // a remote names to DCUtR and AutoNAT what it likes, also where nothing better is known. In a pipeline of its own, because
    // .after('resolve', provenance()) would replace it
    pipeline('not-from-remote', provenance({ exclude: ['dcutr', 'autonat'] })),
    dialable(),
    gater(),
    onlyIfNone(({ isCertified, provenance }, { node: { addressBook } }) => isCertified || provenance.some(({ source }) => isConfigured(source, addressBook?.trust))),
    libp2pOrder(),
    byCertified(),
    take(),
    stagger(),
    race()
  )
}
