import { checkArguments } from '../pipeline/check-options.ts'
import { makeFilter } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/** Creates a filter that drops addresses without a transport, of another peer, or of this node itself */
export function dialable (): Stage<'candidates', 'candidates', 'dialable'> {
  checkArguments('dialable()', arguments)

  return makeFilter('dialable', (candidate, dial) => dial.part.host.judgements.whyNotDialable(candidate) ?? true)
}
