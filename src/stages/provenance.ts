import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments } from '../pipeline/check-options.ts'
import { namedBy } from '../pipeline/named-by.ts'
import { parseProvenance } from '../pipeline/parse-provenance.ts'
import { SOURCE } from '../pipeline/sources.ts'
import type { Source, SourceList } from '../pipeline/sources.ts'
import type { Candidate, ProvenancePolicy, Stage } from '../pipeline/types.ts'

/** They do not say who named an address. Whoever is excluded may have */
const NAMELESS = new Set<Source>(['peer-store', 'unknown', 'derived'])

/** No address that they named lies in the peer store without their name: what DCUtR and AutoNAT dial is written once it has answered */
const NEVER_HIDDEN = new Set<Source>(['certified', 'dcutr', 'autonat', 'peer-store'])

/** A policy that excludes nobody */
const ALL: ProvenancePolicy = { exclude: [] }

/** Sources that a reason names */
const MAX_LISTED = 8

/**
 * Keeps addresses that somebody of `include` stands for; whoever is of `exclude` does not count. With `exclude` alone, an address of
 * which nobody knows who named it does not pass: it lies in the peer store, and who is excluded may have put it there. The dial option
 * `provenance` says it for one dial, and wins. Without a policy, all stay.
 *
 * @throws InvalidPipelineError for what is neither an array of sources nor a policy, for a policy without `include` and `exclude`, and for
 * a misspelt source. Such a dial option rejects the dial, with InvalidParametersError
 */
export function provenance (init: ProvenancePolicy | SourceList = ALL): Stage<'candidates', 'candidates', 'provenance'> {
  checkArguments('provenance()', arguments, 1, 'one array names all sources')
  const own = parseProvenance('provenance()', init)

  return listStage('provenance', (dial, work) => {
    const option = dial.options.provenance
    const judge = judgeOf(option === undefined ? own : parseProvenance('The dial option "provenance"', option, InvalidParametersError), dial.node.addressBook?.isAttributed)

    return ({ candidates }) => keepUnless(candidates, work, judge)
  }, { role: 'filter', options: ['provenance'], isPure: true, forRelays: 'inherited' })
}

/** Says why an address goes; undefined: it stays */
type SourceJudge = (candidate: Candidate) => string | undefined

function judgeOf ({ include, exclude = [] }: ProvenancePolicy, isAttributed = false): SourceJudge {
  const excluded = new Set(exclude)

  if (include == null) {
    return excluded.size === 0 ? () => undefined : excluding(excluded, isAttributed)
  }

  const included = new Set(include.filter(source => !excluded.has(source)))
  const rest = notFrom([...included])

  return ({ provenance }) => provenance.some(({ source }) => included.has(source)) ? undefined : `${origin(provenance)}, ${rest}`
}

function excluding (excluded: ReadonlySet<Source>, isAttributed: boolean): SourceJudge {
  const mayBeHidden = [...excluded].some(source => !NEVER_HIDDEN.has(source))
  // a router may be the DHT, or find what lies in the peer store
  const isNameless = (source: Source): boolean => mayBeHidden && (NAMELESS.has(source) || (source === SOURCE.routing && !isAttributed))

  return ({ provenance }) => {
    const named = namedBy(provenance).filter(({ source }) => !excluded.has(source))

    return named.some(({ source }) => !isNameless(source)) ? undefined : `${origin(provenance)}${named.length > 0 ? ', and nobody knows who named it: withProvenance() has the node know' : ', which is excluded'}`
  }
}

function origin (provenance: Candidate['provenance']): string {
  return `from ${[...new Set(provenance.map(({ source }) => source))].join(', ') || 'nobody knows where'}`
}

function notFrom (sources: readonly Source[]): string {
  const names = sources.slice(0, MAX_LISTED).map(source => `'${source}'`)

  return names.length === 0 ? 'and no source is included' : `not from ${names.join(', ')}${sources.length > MAX_LISTED ? ', …' : ''}`
}
