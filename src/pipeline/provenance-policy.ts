import { checkOptions, checkValue } from './check-options.ts'
import { ANYTHING, isRecord, listOf } from './option-kinds.ts'
import { SOURCE_NAME } from './source-kinds.ts'
import { namingReports } from './trust.ts'
import { SOURCE } from './sources.ts'
import type { RefuseOption } from './check-options.ts'
import type { OptionKind } from './option-kinds.ts'
import type { SourceList, Source } from './sources.ts'
import type { ProvenancePolicy, AddressReport } from './types.ts'

/** The maximum number of sources in one list: each dial keeps a copy of its policy, and dials are compared by it */
export const MAX_SOURCES = 256

const SOURCES = listOf('sources', SOURCE_NAME)

const POLICY: OptionKind = {
  ...SOURCES,
  expected: 'an array of sources, or { include, exclude }',
  test: value => Array.isArray(value) || isRecord(value),
  advise: value => value === undefined ? 'provenance() for no policy' : SOURCES.advise?.(value),
  flaw: undefined
}

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
    return Object.freeze({ include: readSources(owner, policy, Refusal) })
  }

  checkOptions(owner, policy as ProvenancePolicy, { include: ANYTHING, exclude: ANYTHING }, Refusal)
  // { include: undefined } is refused below, and {} here: a policy that was copied with JSON has lost its undefined lists
  checkValue(owner, policy, FILLED, Refusal)

  // undefined does not count as absent: the application meant to pass some sources
  return Object.freeze(Object.fromEntries((['include', 'exclude'] as const)
    .filter(name => name in policy)
    .map(name => [name, readSources(owner, (policy as ProvenancePolicy)[name], Refusal, name)])))
}

/** Checks and copies a list of sources. The copy is checked, because a getter may answer differently the second time */
function readSources (owner: string, sources: unknown, Refusal?: RefuseOption, name?: string): readonly string[] {
  checkValue(owner, sources, SHORT, Refusal, name)
  const copy: unknown = Array.isArray(sources) ? Array.from({ length: sources.length }, (_, i) => sources[i] as unknown) : sources
  checkValue(owner, copy, SOURCES, Refusal, name)

  return Object.freeze(copy as string[])
}

/** Sources that do not say who named an address. An excluded source may have named it */
const NAMELESS = new Set<Source>(['peer-store', 'unknown', 'derived'])

/** Sources that cannot be behind a nameless report. DCUtR and AutoNAT addresses enter the peer store only after they answered */
const NEVER_HIDDEN = new Set<Source>(['certified', 'dcutr', 'autonat', 'peer-store'])

const MAX_LISTED = 8

/** Returns why a policy refuses an address with these reports. Undefined: the address passes */
export type ProvenanceJudge = (provenance: readonly AddressReport[]) => string | undefined

/**
 * Returns the judge of a policy. Undefined: every address passes
 *
 * @param isAttributed whether the node observes all writes to its peer store. A report `routing` then does not stand for the DHT
 */
export function provenanceJudge ({ include, exclude = [] }: ProvenancePolicy, isAttributed = false): ProvenanceJudge | undefined {
  const excluded = new Set(exclude)

  if (include == null) {
    return excluded.size === 0 ? undefined : excluding(excluded, isAttributed)
  }

  const included = new Set(include.filter(source => !excluded.has(source)))
  const rest = notFrom([...included])

  return provenance => provenance.some(one => included.has(one.source) && !isOfExcluded(one, excluded)) ? undefined : `${origin(provenance)}, ${rest}`
}

function excluding (excluded: ReadonlySet<Source>, isAttributed: boolean): ProvenanceJudge {
  const mayBeHidden = [...excluded].some(source => !NEVER_HIDDEN.has(source))
  // `routing` names nobody: a router may be the DHT, or read the peer store
  const isNameless = (source: Source): boolean => mayBeHidden && (NAMELESS.has(source) || (source === SOURCE.routing && !isAttributed))

  return provenance => {
    const named = namingReports(provenance).filter(({ source }) => !excluded.has(source)).flatMap(sourcesOf).filter(source => !excluded.has(source))

    return named.some(source => !isNameless(source)) ? undefined : `${origin(provenance)}${named.length > 0 ? ', and nobody knows who named it: withProvenance() has the node know' : ', which is excluded'}`
  }
}

/** Returns the sources that named the address of a report. For `dialled` these are the other sources: a connection names no address */
function sourcesOf ({ source, from = [] }: AddressReport): Source[] {
  return source === SOURCE.dialled ? namingReports(from.map(source => ({ source }))).map(({ source }) => source) : [source]
}

/** Returns whether only excluded sources led to the address of a report */
function isOfExcluded (report: AddressReport, excluded: ReadonlySet<Source>): boolean {
  return sourcesOf(report).every(source => excluded.has(source))
}

function origin (provenance: readonly AddressReport[]): string {
  return `from ${[...new Set(provenance.map(describeReport))].join(', ') || 'nobody knows where'}`
}

function describeReport ({ source, from = [] }: AddressReport): string {
  return from.length === 0 ? source : `${source} (named by ${from.join(', ')})`
}

function notFrom (sources: readonly Source[]): string {
  const names = sources.slice(0, MAX_LISTED).map(source => `'${source}'`)

  return names.length === 0 ? 'and no source is included' : `not from ${names.join(', ')}${sources.length > MAX_LISTED ? ', …' : ''}`
}
