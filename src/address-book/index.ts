import { AddressBook } from './address-book.ts'
import { checkBookInit } from './check-options.ts'
import type { AddressBookComponents, AddressBookInit } from './types.ts'

/**
 * A libp2p service that keeps what the node is told of the addresses of its peers, and who said so
 *
 * @throws InvalidParametersError for an unknown or wrong option
 */
export function addressBook (init: AddressBookInit = {}): (components: AddressBookComponents) => AddressBook {
  checkBookInit(init)

  return components => new AddressBook(components, init)
}

export * from './attribution/index.ts'
export { AddressBook } from './address-book.ts'
export { PinQuotaExceededError } from './pins/errors.ts'
export { Pin } from './pins/pin.ts'
export type { PinState } from './pins/pin.ts'
export { PinOwner } from './pins/owner.ts'
export type { PinInit, PinQuotas } from './pins/owner.ts'
export { MAX_RECORD_ADDRESSES, MAX_RECORD_SIZE, openRecord } from './records/open-record.ts'
export type { OpenedRecord, OpenRecordOptions, RefusalReason, SignedRecord } from './records/open-record.ts'
export { sealRecord } from './records/seal-record.ts'
export type { SealRecordInit } from './records/seal-record.ts'
export { SOURCE } from './sources.ts'
export type { KnownSource, Source } from './sources.ts'
export type { TtlInit } from './ttl.ts'
export type { AddressBookComponents, AddressBookInit, ChangeListener, ConsumedRecord, ForgetOptions, KnownRecord, Observation, SourceStats, WithdrawOptions } from './types.ts'
