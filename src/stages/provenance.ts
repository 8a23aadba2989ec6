import { InvalidParametersError } from '@libp2p/interface'
import { keepUnless, listStage, proveAll } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import { parseProvenance, provenanceJudge } from '../pipeline/provenance-policy.ts'
import { SOURCE } from '../pipeline/sources.ts'
import type { StageDial } from '../pipeline/runtime/stage-dial.ts'
import type { SourceList } from '../pipeline/sources.ts'
import type { Candidate, DialPipelineOptions, ProvenancePolicy, Stage } from '../pipeline/types.ts'

const ALL: ProvenancePolicy = { exclude: [] }

/**
 * Creates a filter that keeps the addresses of accepted sources. An address needs a source in `include` that is not in `exclude`. With `exclude`
 * alone, addresses of unknown origin are dropped too: an excluded source may have put them into the peer store. The dial option `provenance`
 * replaces the policy for one dial, and applies to open connections too. Without an argument, all addresses stay.
 *
 * ```ts
 * provenance({ exclude: ['dht', 'pubsub'] })
 * ```
 *
 * @param init the policy, or the array of accepted sources
 * @throws InvalidPipelineError for a wrong, empty or undefined policy, and for a misspelt source. A wrong dial option rejects the dial with an
 * InvalidParametersError
 */
export function provenance (init?: ProvenancePolicy | SourceList): Stage<'candidates', 'candidates', 'provenance'> {
  checkArguments('provenance()', arguments, 1, 'one array names all sources')
  // an explicit `undefined` is most likely a missing configuration, and would let every address pass
  const own = arguments.length === 0 ? ALL : parseProvenance('provenance()', init as ProvenancePolicy)
  const onlyWith = provenanceJudge(own) == null ? 'provenance' : undefined

  return listStage('provenance', (dial, work) => {
    const judge = provenanceJudge(policyOf(dial.options) ?? own, dial.node.addressBook?.isAttributed)

    return ({ candidates }) => judge == null ? candidates : keepUnless(candidates, work, ({ provenance }) => judge(provenance))
  }, { role: 'filter', options: ['provenance'], isPure: true, forRelays: 'inherited', onlyWith, asks: proveAll })
}

/**
 * Returns why the dial option `provenance` would refuse the answers of DNS for a name, so that no query is made. Undefined: it accepts them.
 * An answer has the sources of the name, except `certified`
 */
export function answerJudge (dial: StageDial): (name: Candidate) => string | undefined {
  // read from the host: the stage that resolves names does not declare the option, the stage that judges the answers does
  const policy = policyOf(dial.part.host.options)
  const judge = policy == null ? undefined : provenanceJudge(policy, dial.node.addressBook?.isAttributed)

  return ({ provenance }) => judge?.([...provenance.filter(({ source }) => source !== SOURCE.certified), { source: SOURCE.dns }])
}

function policyOf ({ provenance }: DialPipelineOptions): ProvenancePolicy | undefined {
  return provenance === undefined ? undefined : parseProvenance('The dial option "provenance"', provenance, InvalidParametersError)
}
