import { peerIdFromMultihash } from '@libp2p/peer-id'
import { identity } from 'multiformats/hashes/identity'
import { History } from '../../../src/history/history.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { attempt, EVEN, to } from '../learning.ts'
import type { HistoryInit } from '../../../src/history/belief.ts'
import type { Candidate } from '../../../src/pipeline/types.ts'
import type { Ending } from '../learning.ts'

export const [peer, other] = await Promise.all([newPeer(), newPeer()])
export const one = to('/ip4/7.7.7.7/tcp/4001', peer)
export const two = to('/ip4/7.7.8.8/tcp/4001', other)

/** A node of a fleet. All nodes share a clock */
export interface Node {
  readonly clock: VirtualClock
  readonly history: History
  tell (candidate: Candidate, ending: Ending, times?: number): void
}

export function node (clock: VirtualClock = new VirtualClock(1_000_000_000), init: HistoryInit = EVEN): Node {
  const history = new History(clock, init)

  return {
    clock,
    history,
    tell: (candidate, ending, times = 1) => { Array.from({ length: times }, () => { attempt(history, clock.now(), candidate, ending) }) }
  }
}

/** Returns a peer id without a key: any bytes are valid in an identity hash */
export function peerName (n: number): string {
  return peerIdFromMultihash(identity.digest(Uint8Array.from([8, 1, 18, 32, ...new Uint8Array(28), n >>> 24, n >>> 16, n >>> 8, n]))).toString()
}

/** Parses a text, applies `change`, and returns the new text */
export function changed (text: string, change: (object: any) => void): string {
  const object = JSON.parse(text)
  change(object)

  return JSON.stringify(object)
}

/** Returns the estimates of a history for an address, with three digits */
export function beliefIn ({ history }: Node, candidate: Candidate): number[] {
  const { success, valid, firstResponse } = history.estimate(candidate)

  return [success, valid, Math.exp(firstResponse.mu), firstResponse.sigma].map(value => Math.round(value * 1_000) / 1_000)
}
