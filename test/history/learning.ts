import { TimeoutError } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { History } from '../../src/history/history.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { HistoryInit } from '../../src/history/belief.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { PeerId } from '@libp2p/interface'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

/** The end of an attempt. Times are in milliseconds after its start */
export type Ending =
  | { connects: number, heard?: number }
  | { fails: number, error?: Error, heard?: number }
  | { cancelled: number, heard?: number }

/** A neutral prior, so that the effect of an observation is easy to see */
export const EVEN: HistoryInit = { belief: { success: 0.5 } }

/** Creates a history with a clock, and a function that records an attempt with a given end */
export function learning (init: HistoryInit = EVEN): { clock: VirtualClock, history: History, attempt: (candidate: Candidate, ending: Ending) => void } {
  const clock = new VirtualClock(1_000_000)
  const history = new History(clock, init)

  return {
    clock,
    history,
    attempt: (candidate, ending) => { attempt(history, clock.now(), candidate, ending) }
  }
}

/** Records an attempt that has just ended */
export function attempt (history: History, now: number, candidate: Candidate, ending: Ending): void {
  const took = 'connects' in ending ? ending.connects : 'fails' in ending ? ending.fails : ending.cancelled
  const startedAt = now - took

  history.attempted({
    candidate,
    startedAt,
    endedAt: now,
    firstResponseAt: ending.heard == null ? undefined : startedAt + ending.heard,
    isCancelled: 'cancelled' in ending,
    error: 'fails' in ending ? ending.error ?? new TimeoutError('No answer') : undefined
  })
}

export const silent: Ending = { fails: 6_000 }
export const connects: Ending = { connects: 249, heard: 80 }

export function to (address: string, peer?: PeerId): Candidate {
  return candidate(multiaddr(address), peer)
}

/** Returns an address in the nth prefix. All have the same path class */
export function tcp (n: number, peer?: PeerId): Candidate {
  return to(`/ip4/7.7.${n}.1/tcp/4001`, peer)
}

/** Rounds to three digits */
export function rounded (value: number): number {
  return Math.round(value * 1_000) / 1_000
}

/** Creates an error as `node:net` does */
export function systemError (code: string): Error {
  return Object.assign(new Error(`connect ${code} 192.0.2.1:4001`), { code })
}

/** Returns a peer id whose text has `length` characters */
export function peerOfLength (length: number): PeerId {
  for (let n = 0; n < 100 * 128; n++) {
    // no hash function has this digest size, but a peer id may
    const bytes = new Uint8Array(150 + n % 100).fill(1 + Math.floor(n / 100))
    const made = peerIdFromMultihash({ code: 0x12, size: bytes.length, digest: bytes, bytes })

    if (made.toString().length === length) {
      return made
    }
  }

  throw new Error(`No peer id has ${length} characters`)
}
