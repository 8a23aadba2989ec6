import { checkArguments } from '../src/pipeline/check-options.ts'
import { converge } from '../src/stages/converge.ts'
import { relaysLater } from '../src/stages/relays-later.ts'
import { staggered } from './staggered.ts'

/** Direct addresses; those behind a relay when every direct one has failed, or after a second */
export function directFirst () {
  checkArguments('directFirst()', arguments)

  return staggered().after('stagger', relaysLater(1_000)).after('race', converge())
}
