import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { BIGINT, CLOCK, FUNCTION, LIMIT, listOf, MILLISECONDS, MULTIADDR, NAME, oneOf, PEER_ID, POSITIVE_LIMIT, POSITIVE_MILLISECONDS, recordOf, required, SIGNAL } from '../pipeline/option-kinds.ts'
import type { PinInit, PinQuotas } from './pins/owner.ts'
import type { OpenRecordOptions } from './records/open-record.ts'
import type { SealRecordInit } from './records/seal-record.ts'
import type { AddressBookInit, Observation, WithdrawOptions } from './types.ts'

// what the address book and its pins are told. Every check throws InvalidParametersError for an unknown or wrong option

const BOOK = { ttl: recordOf(MILLISECONDS), maxPeers: POSITIVE_LIMIT, disconnectTtl: MILLISECONDS, clock: CLOCK }
const OBSERVATION = { source: NAME, reporter: PEER_ID, seq: BIGINT, ttl: MILLISECONDS }
const WITHDRAW = { peer: PEER_ID, reporter: PEER_ID }
const QUOTAS = { maxPeers: LIMIT, maxAddresses: LIMIT, maxTtl: POSITIVE_MILLISECONDS, evict: oneOf('oldest') }
const PIN = { addresses: listOf('multiaddrs', MULTIADDR), ttl: POSITIVE_MILLISECONDS, signal: SIGNAL }
const SEAL = { multiaddrs: required(listOf('multiaddrs', MULTIADDR)), seq: required(BIGINT) }

export function checkBookInit (init: AddressBookInit): void {
  checkOptions('addressBook()', init, BOOK, InvalidParametersError)
}

export function checkObservation (observation: Observation): void {
  checkOptions('observe()', observation, OBSERVATION, InvalidParametersError)
}

export function checkWithdrawOptions (options: WithdrawOptions): void {
  checkOptions('withdraw()', options, WITHDRAW, InvalidParametersError)
}

export function checkQuotas (quotas: PinQuotas): void {
  checkOptions('owner()', quotas, QUOTAS, InvalidParametersError)
}

export function checkPinInit (init: PinInit): void {
  checkOptions('pin()', init, PIN, InvalidParametersError)
}

export function checkRenewal (ttl: number): void {
  checkValue('renew()', ttl, POSITIVE_MILLISECONDS, InvalidParametersError)
}

export function checkSealInit (init: SealRecordInit): void {
  checkOptions('sealRecord()', init, SEAL, InvalidParametersError)
}

export function checkOpenOptions (options: OpenRecordOptions): void {
  checkOptions('openRecord()', options, { expectedPeer: PEER_ID }, InvalidParametersError)
}

export function checkFunction (owner: string, value: unknown): void {
  checkValue(owner, value, FUNCTION, InvalidParametersError)
}
