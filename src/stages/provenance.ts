import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { proveAll } from '../pipeline/authoring/proofs.ts'
import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments } from '../pipeline/check-options.ts'
import { parseProvenance } from '../pipeline/parse-provenance.ts'
import { provenanceJudge } from '../pipeline/provenance-judge.ts'
import type { SourceList } from '../pipeline/sources.ts'
import type { ProvenancePolicy, Stage } from '../pipeline/types.ts'

/** A policy that excludes no source */
const ALL: ProvenancePolicy = { exclude: [] }

/**
 * Creates a filter that keeps the addresses of accepted sources. An address needs a source in `include` that is not in `exclude`. With `exclude`
 * alone, addresses of unknown origin are dropped too: an excluded source may have put them into the peer store. The dial option `provenance`
 * replaces the policy for one dial, and applies to open connections too. Without a policy, all addresses stay.
 *
 * ```ts
 * provenance({ exclude: ['dht', 'pubsub'] })
 * ```
 *
 * @param init the policy, or the array of accepted sources
 * @throws InvalidPipelineError for a wrong or empty policy, and for a misspelt source. A wrong dial option rejects the dial with an
 * InvalidParametersError
 */
export function provenance (init: ProvenancePolicy | SourceList = ALL): Stage<'candidates', 'candidates', 'provenance'> {
  checkArguments('provenance()', arguments, 1, 'one array names all sources')
  const own = parseProvenance('provenance()', init)
  const onlyWith = provenanceJudge(own) == null ? 'provenance' : undefined

  return listStage('provenance', (dial, work) => {
    const option = dial.options.provenance
    const policy = option === undefined ? own : parseProvenance('The dial option "provenance"', option, InvalidParametersError)
    const judge = provenanceJudge(policy, dial.node.addressBook?.isAttributed)

    return ({ candidates }) => judge == null ? candidates : keepUnless(candidates, work, ({ provenance }) => judge(provenance))
  }, { role: 'filter', options: ['provenance'], isPure: true, forRelays: 'inherited', onlyWith, asks: proveAll })
}
