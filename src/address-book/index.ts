/**
 * The service that records which source reported which address of a peer, and the signed records of peers.
 *
 * @module libp2p-dial-pipeline/address-book
 */

import { InvalidParametersError } from '@libp2p/interface'
import { checkArguments } from '../pipeline/check-options.ts'
import { AddressBook } from './address-book.ts'
import { checkBookInit } from './option-kinds.ts'
import type { AddressBookComponents, AddressBookInit } from './types.ts'

/**
 * Creates the libp2p service that records which sources reported which addresses of peers.
 *
 * ```ts
 * const node = await createLibp2p({ services: { addressBook: addressBook() } })
 * ```
 *
 * @throws InvalidParametersError for an unknown or wrong option
 */
export function addressBook (init: AddressBookInit = {}): (components: AddressBookComponents) => AddressBook {
  checkArguments('addressBook()', arguments, 1, undefined, InvalidParametersError)
  checkBookInit(init)

  return components => new AddressBook(components, init)
}

export type { AddressBook } from './address-book.ts'
export { withProvenance } from './attribution/with-provenance.ts'
export type { Provenance, WithProvenance } from './attribution/with-provenance.ts'
export { withSource } from './attribution/writer.ts'
export { PinQuotaExceededError } from './pins/pin.ts'
export type { PinOwner } from './pins/owner.ts'
export type { Pin } from './pins/pin.ts'
export { openRecord } from '../records/open-record.ts'
export type { OpenedRecord } from '../records/open-record.ts'
export { sealRecord } from '../records/seal-record.ts'
export type { AddressBookComponents } from './types.ts'
