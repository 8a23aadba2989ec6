import { wallTime } from '../pipeline/clock.ts'
import type { PrivateKey } from '@libp2p/interface'

/** The highest sequence number of each key object. An application may load one key twice: `lastDefault` is shared by all objects */
const largest = new WeakMap<PrivateKey, bigint>()
let lastDefault = 0n

/** Returns a sequence number for a record that is sealed now. Two records in the same millisecond get different numbers */
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

/** Records the sequence number of a sealed record */
export function noteSeq (privateKey: PrivateKey, seq: bigint): void {
  if (seq > (largest.get(privateKey) ?? 0n)) {
    largest.set(privateKey, seq)
  }
}
