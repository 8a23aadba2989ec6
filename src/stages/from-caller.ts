import { checkArguments } from '../pipeline/check-options.ts'
import { source } from '../pipeline/authoring/source.ts'
import type { Stage } from '../pipeline/types.ts'

/** Creates a source that adds the addresses that callers pass to `dial()`, including callers who join later */
export function fromCaller (): Stage<'target' | 'candidates', 'candidates', 'from-caller'> {
  checkArguments('fromCaller()', arguments)

  return source('from-caller', dial => dial.target.multiaddrs, { provenance: 'user', live: true })
}
