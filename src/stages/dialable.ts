import { checkArguments } from '../pipeline/check-options.ts'
import { filtering } from '../pipeline/authoring/filter.ts'
import type { Stage } from '../pipeline/types.ts'

/** Keeps what this node can dial: a transport, the right peer, and not ourselves */
export function dialable (): Stage<'candidates', 'candidates', 'dialable'> {
  checkArguments('dialable()', arguments)

  return filtering('dialable', (candidate, dial) => dial.part.host.judgements.whyNotDialable(candidate) ?? true)
}
