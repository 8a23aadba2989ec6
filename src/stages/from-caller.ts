import { checkArguments } from '../pipeline/check-arguments.ts'
import { source } from '../pipeline/source.ts'
import type { StageInit } from '../pipeline/types.ts'

/** The addresses that callers passed, also those of callers who join later */
export function fromCaller (): StageInit<'target' | 'candidates', 'candidates', 'from-caller'> {
  checkArguments('fromCaller()', arguments)

  return source('from-caller', dial => dial.target.multiaddrs, { provenance: 'user' })
}
