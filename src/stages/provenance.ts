import { InvalidParametersError } from '@libp2p/interface'
import { parseProvenance } from '../pipeline/parse-provenance.ts'
import { sift } from '../pipeline/sift.ts'
import type { Source } from '../pipeline/sources.ts'
import type { Candidate, Dial, ProvenancePolicy, StageInit } from '../pipeline/types.ts'

/** Sources that a reason names */
const MAX_LISTED = 8

/**
 * Keeps addresses that somebody of `include` stands for; whoever is of `exclude` does not count. The dial option
 * `provenance` says it for one dial, and wins. Without either, all stay.
 *
 * @throws InvalidPipelineError for what is neither an array of sources nor a policy, and for a misspelt source. Such a dial option
 * rejects the dial, with InvalidParametersError
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

  const rest = include == null ? 'which is excluded' : notFrom(include.filter(source => !excluded.has(source)))

  return ({ provenance }) => {
    const counts = provenance.some(({ source }) => included?.has(source) !== false && !excluded.has(source))

    return counts || `${origin(provenance)}, ${rest}`
  }
}

function origin (provenance: Candidate['provenance']): string {
  return `from ${[...new Set(provenance.map(({ source }) => source))].join(', ') || 'nobody knows where'}`
}

function notFrom (sources: readonly Source[]): string {
  const names = sources.slice(0, MAX_LISTED).map(source => `'${source}'`)

  return names.length === 0 ? 'and no source is included' : `not from ${names.join(', ')}${sources.length > MAX_LISTED ? ', …' : ''}`
}
