import { rank } from '../pipeline/rank.ts'
import type { StageInit } from '../pipeline/types.ts'
import type { AddressSorter } from '@libp2p/interface'

/** Orders by a function that was written for libp2p's `connectionManager.addressSorter` */
export function addressSorter (sorter: AddressSorter): StageInit<'candidates', 'candidates', 'address-sorter'> {
  return rank('address-sorter', sorter)
}
