import { checkArguments } from '../src/pipeline/check-arguments.ts'
import { directFirst as directAddresses } from '../src/stages/direct-first.ts'
import { staggered } from './staggered.ts'

/** Direct addresses; those behind a relay when every direct one is spent, or after a second */
export function directFirst () {
  checkArguments('directFirst()', arguments)

  return staggered().after('stagger', directAddresses({ after: 1_000 }))
}
