import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { OpenedRecord } from '../../src/records/open-record.ts'
import type { RefusalReason, SignedRecord } from '../../src/records/types.ts'
import type { ExecutionContext } from 'ava'

/** The signer of most records */
export const key = await generateKeyPair('Ed25519')
export const peerId = peerIdFromPrivateKey(key)
export const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
export const address = multiaddr('/ip4/1.2.3.4/tcp/4001')

/** Returns the record that was opened. Throws if it was refused */
export function opens (t: ExecutionContext, opened: OpenedRecord): SignedRecord {
  if (opened.status === 'refused') {
    throw new Error(`${opened.reason}: ${opened.text}`)
  }

  t.pass()

  return opened.record
}

/** Asserts that a record was refused for a reason */
export function refuses (t: ExecutionContext, opened: OpenedRecord, reason: RefusalReason): void {
  t.is(opened.status, 'refused')

  if (opened.status === 'refused') {
    t.is(opened.reason, reason, opened.text)
    t.not(opened.text, '')
  }
}

export function written (record: SignedRecord): string[] {
  return record.multiaddrs.map(String)
}
