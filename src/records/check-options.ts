import { InvalidParametersError, isPrivateKey } from '@libp2p/interface'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { BIGINT, listOf, MULTIADDR, PEER_ID, required } from '../pipeline/option-kinds.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { OpenRecordOptions, SealRecordInit } from './types.ts'
import type { PrivateKey } from '@libp2p/interface'

const SEAL = { multiaddrs: required(listOf('multiaddrs', MULTIADDR)), seq: BIGINT }
const PRIVATE_KEY: OptionKind = { expected: 'a private key', test: isPrivateKey }

/** @throws InvalidParametersError for what is not a private key, and an unknown, missing or wrong option of `sealRecord()` */
export function checkSealInit (privateKey: PrivateKey, init: SealRecordInit): void {
  checkValue('sealRecord()', privateKey, PRIVATE_KEY, InvalidParametersError)
  checkOptions('sealRecord()', init, SEAL, InvalidParametersError)
}

/** @throws InvalidParametersError for an unknown or wrong option of `openRecord()` */
export function checkOpenOptions (options: OpenRecordOptions): void {
  checkOptions('openRecord()', options, { expectedPeer: PEER_ID }, InvalidParametersError)
}
