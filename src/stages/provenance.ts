import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { asksAll } from '../pipeline/authoring/proofs.ts'
import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments } from '../pipeline/check-options.ts'
import { parseProvenance } from '../pipeline/parse-provenance.ts'
import { provenanceJudge } from '../pipeline/provenance-judge.ts'
import type { SourceList } from '../pipeline/sources.ts'
import type { ProvenancePolicy, Stage } from '../pipeline/types.ts'

/** A policy that excludes nobody */
const ALL: ProvenancePolicy = { exclude: [] }

/**
 * Keeps addresses that somebody of `include` stands for; whoever is of `exclude` does not count. With `exclude` alone, an address of
 * which nobody knows who named it does not pass: it lies in the peer store, and who is excluded may have put it there. The dial option
 * `provenance` says it for one dial, and wins; it judges open connections too. Without a policy, all stay.
 *
 * @throws InvalidPipelineError for what is neither an array of sources nor a policy, for a policy without `include` and `exclude`, and for
 * a misspelt source. Such a dial option rejects the dial, with InvalidParametersError
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
  }, { role: 'filter', options: ['provenance'], isPure: true, forRelays: 'inherited', onlyWith, asks: asksAll })
}
