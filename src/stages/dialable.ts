import { filter } from '../pipeline/filter.ts'
import { whyNotDialable } from '../pipeline/why-not-dialable.ts'
import type { StageInit } from '../pipeline/types.ts'

/** Keeps what this node can dial: a transport, the right peer, and not ourselves */
export function dialable (): StageInit<'candidates', 'candidates', 'dialable'> {
  return filter('dialable', (candidate, dial, components) => whyNotDialable(candidate, dial.target.peerId, components) ?? true)
}
