import { checkValue } from '../pipeline/check-options.ts'
import { lowest } from '../pipeline/extremes.ts'
import { rankBy } from '../pipeline/authoring/rank.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { bestTrust } from '../pipeline/trust.ts'
import type { Source } from '../pipeline/sources.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * Creates a ranker that orders addresses by their best source. Equal addresses keep the order from above.
 *
 * @param sources the preferred sources, best first. Default: by trust, which `addressBook({ trust })` can change
 * @throws InvalidPipelineError for a source that is not a name, and for a misspelt one
 */
export function byProvenance (...sources: readonly Source[]): Stage<'candidates', 'candidates', 'by-provenance'> {
  sources.forEach(source => { checkValue('byProvenance()', source, SOURCE_NAME) })
  const ranks = new Map(sources.map((source, rank) => [source, rank]))

  return rankBy('by-provenance', ({ provenance }, { node: { addressBook } }) => ranks.size === 0
    ? -bestTrust(provenance, addressBook?.trust)
    : lowest(provenance.map(({ source }) => ranks.get(source) ?? Infinity)))
}
