import { checkArguments } from '../src/pipeline/check-options.ts'
import { converge, relaysLater } from '../src/stages/index.ts'
import { staggered } from './staggered.ts'

/** Returns a preset that dials direct addresses first. Relayed addresses start after one second, or when every direct one has failed */
export function directFirst () {
  checkArguments('directFirst()', arguments)

  return staggered().after('stagger', relaysLater(1_000)).after('race', converge())
}
