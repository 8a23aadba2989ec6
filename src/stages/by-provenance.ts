import { checkValue } from '../pipeline/check-options.ts'
import { lowest } from '../pipeline/extremes.ts'
import { eachOf } from '../pipeline/option-kinds.ts'
import { rankBy } from '../pipeline/authoring/rank-by.ts'
import { SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { BY_TRUST } from '../pipeline/sources.ts'
import type { Source } from '../pipeline/sources.ts'
import type { Stage } from '../pipeline/types.ts'

/**
 * The best source of an address decides: those that are named, in that order, before all others. Default: user, certified,
 * dialled, identify, bootstrap, mdns, peer-store, routing, dht, pubsub. Among equals the order from above stays.
 *
 * @throws InvalidPipelineError for what is not a name, and for a misspelt source
 */
export function byProvenance (...sources: readonly Source[]): Stage<'candidates', 'candidates', 'by-provenance'> {
  sources.forEach(source => { checkValue('byProvenance()', source, eachOf('byProvenance', SOURCE_NAME)) })
  const ranks = new Map((sources.length === 0 ? BY_TRUST : sources).map((source, rank) => [source, rank]))

  return rankBy('by-provenance', ({ provenance }) => lowest(provenance.map(({ source }) => ranks.get(source) ?? Infinity)))
}
