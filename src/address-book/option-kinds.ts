import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../pipeline/check-options.ts'
import { BOOLEAN, CLOCK, FINITE_MILLISECONDS, isRecord, LIMIT, listOf, MILLISECONDS, MULTIADDR, oneOf, PEER_ID, POSITIVE_LIMIT, POSITIVE_MILLISECONDS, recordOf, required, SIGNAL } from '../pipeline/option-kinds.ts'
import { CLAIMED_SOURCE, SOURCE_NAME } from '../pipeline/source-kinds.ts'
import { PROVEN } from '../pipeline/sources.ts'
import { TRUST_LEVELS } from '../pipeline/trust.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AddressBookInit } from './types.ts'

const LIST = listOf('multiaddrs', MULTIADDR)

export const ADDRESSES: OptionKind = { ...LIST, expected: 'a multiaddr or an array of multiaddrs', test: value => (Array.isArray(value) ? LIST : MULTIADDR).test(value) }
export const PEER_OR_ALL: OptionKind = {
  expected: 'a peer id, or undefined for all',
  test: value => value === undefined || PEER_ID.test(value)
}
export const REPORT = { source: required(CLAIMED_SOURCE), reporter: PEER_ID, ttl: MILLISECONDS, replaces: BOOLEAN }
export const REMOVE_REPORTS = { peer: PEER_ID, reporter: PEER_ID, multiaddr: MULTIADDR }
export const FORGET = { except: LIST }
export const PIN = { addresses: LIST, ttl: POSITIVE_MILLISECONDS, signal: SIGNAL }

const PINS_INIT: OptionKind = { expected: 'an object with default and owners', test: isRecord }
const PLACED = oneOf(...TRUST_LEVELS.filter(level => !PROVEN.includes(level)))
const BOOK = { ttl: recordOf(MILLISECONDS, SOURCE_NAME), trust: recordOf(PLACED, CLAIMED_SOURCE), pins: PINS_INIT, maxPeers: POSITIVE_LIMIT, disconnectTtl: MILLISECONDS, persist: BOOLEAN, clock: CLOCK }
const QUOTAS = { maxPeers: LIMIT, maxAddresses: LIMIT, maxTtl: FINITE_MILLISECONDS, evict: oneOf('oldest') }
const QUOTAS_OF_OWNER: OptionKind = { expected: 'an object with quotas', test: isRecord }
const PINS = { default: QUOTAS_OF_OWNER, owners: recordOf(QUOTAS_OF_OWNER) }

/** @throws InvalidParametersError for an unknown or wrong option of `addressBook()` */
export function checkBookInit (init: AddressBookInit): void {
  checkOptions('addressBook()', init, BOOK, InvalidParametersError)

  if (init.pins !== undefined) {
    checkOptions('addressBook({ pins })', init.pins, PINS, InvalidParametersError)

    for (const quotas of [init.pins.default, ...Object.values(init.pins.owners ?? {})]) {
      if (quotas !== undefined) {
        checkOptions('addressBook({ pins })', quotas, QUOTAS, InvalidParametersError)
      }
    }
  }
}
