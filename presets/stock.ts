import { checkArguments } from '../src/pipeline/check-options.ts'
import { fromRouting, sequential } from '../src/stages/index.ts'
import { staggered } from './staggered.ts'

/**
 * Returns a preset that dials as libp2p's own dialer does: the same addresses in the same order, one at a time.
 *
 * An open connection answers a dial whatever address it was dialled over, unless the dial has the option `provenance`
 */
export function stock () {
  checkArguments('stock()', arguments)

  return staggered().replace('from-routing', fromRouting({ when: 'empty' })).replace('stagger', sequential())
}
