import { checkValue } from '../pipeline/check-options.ts'
import { FUNCTION } from '../pipeline/option-kinds.ts'
import { rank } from '../pipeline/authoring/rank.ts'
import type { Stage } from '../pipeline/types.ts'
import type { AddressSorter } from '@libp2p/interface'

/**
 * Orders by a function that was written for libp2p's `connectionManager.addressSorter`
 *
 * @throws InvalidPipelineError for what is not a function
 */
export function addressSorter (sorter: AddressSorter): Stage<'candidates', 'candidates', 'address-sorter'> {
  checkValue('addressSorter()', sorter, FUNCTION)

  return rank('address-sorter', sorter)
}
