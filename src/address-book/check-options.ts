import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { BIGINT, BOOLEAN, CLOCK, FINITE_MILLISECONDS, FUNCTION, isRecord, LIMIT, listOf, MILLISECONDS, MULTIADDR, oneOf, PEER_ID, POSITIVE_LIMIT, POSITIVE_MILLISECONDS, recordOf, SIGNAL } from '../pipeline/option-kinds.ts'
import { CLAIMED_SOURCE, SOURCE_NAME } from '../pipeline/source-kinds.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { PinInit, AddressBookInit, ForgetOptions, Observation, WithdrawOptions } from './types.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const LIST = listOf('multiaddrs', MULTIADDR)
const ADDRESSES: OptionKind = { ...LIST, expected: 'a multiaddr or an array of multiaddrs', test: value => MULTIADDR.test(value) || LIST.test(value) }
const PINS_INIT: OptionKind = { expected: 'an object with default and owners', test: value => isRecord(value) && !Array.isArray(value) }
const PLACED = oneOf('configured', 'identify', 'local', 'application', 'indirect', 'hearsay', 'unknown')
const BOOK = { ttl: recordOf(MILLISECONDS, SOURCE_NAME), trust: recordOf(PLACED, CLAIMED_SOURCE), pins: PINS_INIT, maxPeers: POSITIVE_LIMIT, disconnectTtl: MILLISECONDS, persist: BOOLEAN, clock: CLOCK }
const OBSERVATION = { source: CLAIMED_SOURCE, reporter: PEER_ID, seq: BIGINT, ttl: MILLISECONDS, replaces: BOOLEAN }
const WITHDRAW = { peer: PEER_ID, reporter: PEER_ID, multiaddr: MULTIADDR }
const FORGET = { except: LIST }
const QUOTAS = { maxPeers: LIMIT, maxAddresses: LIMIT, maxTtl: FINITE_MILLISECONDS, evict: oneOf('oldest') }
const QUOTAS_OF_OWNER: OptionKind = { expected: 'an object with quotas', test: isRecord }
const PINS = { default: QUOTAS_OF_OWNER, owners: recordOf(QUOTAS_OF_OWNER) }
const PIN = { addresses: LIST, ttl: POSITIVE_MILLISECONDS, signal: SIGNAL }
const NODE_INIT: OptionKind = { expected: 'the init of a node, as createLibp2p() takes it', test: isRecord }

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

/**
 * @param init what `withProvenance()` is given
 * @throws InvalidParametersError for what is not an object
 */
export function checkNodeInit (init: object): void {
  checkValue('withProvenance()', init, NODE_INIT, InvalidParametersError)
}

/** @throws InvalidParametersError for what is no peer, no multiaddrs, or an unknown or wrong option of `observe()` */
export function checkObservation (peer: PeerId, multiaddrs: Multiaddr | readonly Multiaddr[], observation: Observation): void {
  checkPeer('observe()', peer)
  checkValue('observe()', multiaddrs, ADDRESSES, InvalidParametersError)
  checkOptions('observe()', observation, OBSERVATION, InvalidParametersError)
}

/** @throws InvalidParametersError for a misspelt source */
export function checkSource (owner: string, source: string): void {
  checkValue(owner, source, SOURCE_NAME, InvalidParametersError)
}

/** @throws InvalidParametersError for a misspelt source, and for one that nobody can claim */
export function checkClaimedSource (owner: string, source: string): void {
  checkValue(owner, source, CLAIMED_SOURCE, InvalidParametersError)
}

/** @throws InvalidParametersError for an unknown or wrong option of `withdraw()` */
export function checkWithdrawOptions (options: WithdrawOptions): void {
  checkOptions('withdraw()', options, WITHDRAW, InvalidParametersError)
}

/** @throws InvalidParametersError for what is no peer id, and an unknown or wrong option of `forget()` */
export function checkForgetOptions (peer: PeerId, options: ForgetOptions): void {
  checkPeer('forget()', peer)
  checkOptions('forget()', options, FORGET, InvalidParametersError)
}

/** @throws InvalidParametersError for an unknown or wrong option of `pin()` */
export function checkPinInit (init: PinInit): void {
  checkOptions('pin()', init, PIN, InvalidParametersError)
}

/**
 * @param ttl in milliseconds
 * @throws InvalidParametersError for what is not more than 0
 */
export function checkRenewal (ttl: number): void {
  checkValue('renew()', ttl, POSITIVE_MILLISECONDS, InvalidParametersError)
}

/** @throws InvalidParametersError for what is not a peer id */
export function checkPeer (owner: string, peer: PeerId): void {
  checkValue(owner, peer, PEER_ID, InvalidParametersError)
}

/**
 * @param owner what the function is passed to, as users write it: `subscribe()`
 * @throws InvalidParametersError for what is not a function
 */
export function checkFunction (owner: string, value: unknown): void {
  checkValue(owner, value, FUNCTION, InvalidParametersError)
}
