import { checkArguments } from '../pipeline/check-arguments.ts'
import { filter } from '../pipeline/filter.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Keeps what this node can dial: a transport, the right peer, and not ourselves */
export function dialable (): StageInit<'candidates', 'candidates', 'dialable'> {
  checkArguments('dialable()', arguments)

  return filter('dialable', (candidate, dial) => dial.whyNotDialable(candidate) ?? true)
}
