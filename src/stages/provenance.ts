import { InvalidParametersError } from '@libp2p/interface'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { named } from '../pipeline/named.ts'
import { check } from '../pipeline/observe.ts'
import { sift } from '../pipeline/sift.ts'
import type { Candidate, Dial, ProvenancePolicy, StageInit } from '../pipeline/types.ts'

/**
 * Keeps addresses that somebody of `include` stands for; whoever is of `exclude` does not count. The dial option
 * `provenance` says it for one dial, and wins. Without either, all stay.
 *
 * @throws InvalidPipelineError for what is not made of names of sources
 */
export function provenance (init: ProvenancePolicy = {}): StageInit<'candidates', 'candidates', 'provenance'> {
  const own = policyOf(init, what => new InvalidPipelineError(`provenance() ${what}`))
  const asked = new WeakMap<Dial, Policy>()

  function policyFor (dial: Dial): Policy {
    const option = dial.options.provenance

    if (option == null) {
      return own
    }

    const known = asked.get(dial) ?? policyOf(option, what => new InvalidParametersError(`The dial option "provenance" ${what}`))
    asked.set(dial, known)

    return known
  }

  return check(named('provenance', ['candidates'], 'candidates', sift('provenance', (_candidates, dial) => policyFor(dial)), ['provenance']))
}

type Policy = (candidate: Candidate) => true | string

function policyOf (given: ProvenancePolicy | readonly string[], invalid: (what: string) => Error): Policy {
  const { include, exclude } = Array.isArray(given) ? { include: given as readonly string[] } : given as ProvenancePolicy

  for (const names of [include, exclude]) {
    if (names != null && !(Array.isArray(names) && names.every(name => typeof name === 'string'))) {
      throw invalid(`needs lists of sources, such as ['user', 'certified'], not ${JSON.stringify(names)}`)
    }
  }

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
