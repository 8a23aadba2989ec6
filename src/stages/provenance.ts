import { InvalidParametersError } from '@libp2p/interface'
import { parseProvenance } from '../pipeline/parse-provenance.ts'
import { sift } from '../pipeline/sift.ts'
import type { Source } from '../pipeline/sources.ts'
import type { Candidate, Dial, ProvenancePolicy, StageInit } from '../pipeline/types.ts'

/**
 * Keeps addresses that somebody of `include` stands for; whoever is of `exclude` does not count. The dial option
 * `provenance` says it for one dial, and wins. Without either, all stay.
 *
 * @throws InvalidPipelineError for what is neither an array of sources nor a policy, and for a misspelt source. Such a dial option rejects the dial, with
 * InvalidParametersError
 */
export function provenance (init: ProvenancePolicy | readonly Source[] = {}): StageInit<'candidates', 'candidates', 'provenance'> {
  const own = judgeOf(parseProvenance('provenance()', init))
  const asked = new WeakMap<Dial, SourceJudge>()

  function judgeFor (dial: Dial): SourceJudge {
    const option = dial.options.provenance

    if (option === undefined) {
      return own
    }

    const known = asked.get(dial) ?? judgeOf(parseProvenance('The dial option "provenance"', option, InvalidParametersError))
    asked.set(dial, known)

    return known
  }

  return sift('provenance', (_candidates, dial) => judgeFor(dial), { options: ['provenance'] })
}

type SourceJudge = (candidate: Candidate) => true | string

function judgeOf ({ include, exclude }: ProvenancePolicy): SourceJudge {
  const included = include == null ? undefined : new Set(include)
  const excluded = new Set(exclude)

  if (included == null && excluded.size === 0) {
    return () => true
  }

  return ({ provenance }) => {
    const counts = provenance.some(({ source }) => included?.has(source) !== false && !excluded.has(source))

    return counts || `from ${[...new Set(provenance.map(({ source }) => source))].join(', ') || 'nobody knows where'}`
  }
}
