import { filter } from '../pipeline/filter.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Keeps what this node can dial: a transport, the right peer, and not ourselves */
export function dialable (): StageInit<'candidates', 'candidates', 'dialable'> {
  return filter('dialable', (candidate, dial) => dial.whyNotDialable(candidate) ?? true)
}
