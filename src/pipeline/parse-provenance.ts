import { checkOptions, checkValue } from './check-options.ts'
import { ANYTHING, isRecord, listOf } from './option-kinds.ts'
import { SOURCE_NAME } from './source-kinds.ts'
import type { RefuseOption } from './check-options.ts'
import type { OptionKind } from './option-kinds.ts'
import type { SourceList } from './sources.ts'
import type { ProvenancePolicy } from './types.ts'

/** The maximum number of sources in one list: each dial keeps a copy of its policy, and dials are compared by it */
export const MAX_SOURCES = 256

const SOURCES = listOf('sources', SOURCE_NAME)

const POLICY: OptionKind = { ...SOURCES, expected: 'an array of sources, or { include, exclude }', test: value => Array.isArray(value) || isRecord(value), flaw: undefined }

const FILLED: OptionKind = {
  expected: 'include or exclude',
  test: value => 'include' in (value as object) || 'exclude' in (value as object),
  advise: () => '{ exclude: [] } for every source'
}

const SHORT: OptionKind = { expected: `an array of at most ${MAX_SOURCES} sources`, test: value => !Array.isArray(value) || value.length <= MAX_SOURCES }

/**
 * Checks a provenance policy and returns a frozen copy. A policy that is misunderstood, or changed while the dial waits, could let every address
 * pass
 *
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner
 */
export function parseProvenance (owner: string, policy: ProvenancePolicy | SourceList, Refusal?: RefuseOption): ProvenancePolicy {
  checkValue(owner, policy, POLICY, Refusal)

  if (Array.isArray(policy)) {
    return Object.freeze({ include: sourcesOf(owner, policy, Refusal) })
  }

  checkOptions(owner, policy as ProvenancePolicy, { include: ANYTHING, exclude: ANYTHING }, Refusal)
  // { include: undefined } is refused below, and {} here: a policy that was copied with JSON has lost its undefined lists
  checkValue(owner, policy, FILLED, Refusal)

  // undefined does not count as absent: the application meant to pass some sources
  return Object.freeze(Object.fromEntries((['include', 'exclude'] as const)
    .filter(name => name in policy)
    .map(name => [name, sourcesOf(owner, (policy as ProvenancePolicy)[name], Refusal, name)])))
}

/** Checks and copies a list of sources. The copy is checked, because a getter may answer differently the second time */
function sourcesOf (owner: string, sources: unknown, Refusal?: RefuseOption, name?: string): readonly string[] {
  checkValue(owner, sources, SHORT, Refusal, name)
  const copy: unknown = Array.isArray(sources) ? Array.from({ length: sources.length }, (_, i) => sources[i] as unknown) : sources
  checkValue(owner, copy, SOURCES, Refusal, name)

  return Object.freeze(copy as string[])
}
