import { wallTime } from '../pipeline/clock.ts'
import type { PrivateKey } from '@libp2p/interface'

/** The largest with each key. A program may read one key twice, and seal with either object */
const largest = new WeakMap<PrivateKey, bigint>()
let lastDefault = 0n

/** Returns a sequence number for a record that is sealed now. Two records in one millisecond have two */
export function nextSeq (privateKey: PrivateKey): bigint {
  const known = largest.get(privateKey) ?? 0n
  const after = (known > lastDefault ? known : lastDefault) + 1n
  const now = BigInt(Math.floor(wallTime()))
  const next = now > after ? now : after

  if (known <= lastDefault) {
    lastDefault = next
  }

  return next
}

/** A record is sealed with a sequence number, whoever has chosen it */
export function noteSeq (privateKey: PrivateKey, seq: bigint): void {
  if (seq > (largest.get(privateKey) ?? 0n)) {
    largest.set(privateKey, seq)
  }
}
