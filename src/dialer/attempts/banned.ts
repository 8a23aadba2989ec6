import { candidate } from '../../pipeline/candidate.ts'
import { DialDeniedError } from '../../pipeline/errors.ts'
import { closeGently } from './held-connections.ts'
import type { Connection } from '@libp2p/interface'
import type { Ban, Bans } from '../../bans/bans.ts'
import type { Clock } from '../../pipeline/clock.ts'
import type { Candidate, DialBans } from '../../pipeline/types.ts'

/** Returns the error for an address that is banned now; undefined: it is not */
export function banErrorOf (candidate: Candidate, bans: DialBans | undefined): DialDeniedError | undefined {
  const reason = bans?.reasonFor(candidate)

  return reason == null ? undefined : new DialDeniedError(`Cannot dial ${candidate.id}: ${reason}`)
}

/** Closes the connections that a ban is for. Never rejects */
export async function sever (ban: Ban, bans: Bans, connections: readonly Connection[], clock: Clock): Promise<void> {
  const banned = connections.filter(connection => bans.covers(ban, remoteOf(connection)))

  await Promise.all(banned.map(async connection => closeGently(connection, clock)))
}

/**
 * Closes the connections to whoever is banned under one of these keys, gracefully first. Returns before they are closed. Never throws
 *
 * @param keys of bans, as `Bans.matches` yields them
 */
export function severBanned (keys: ReadonlySet<string>, bans: Bans, connections: readonly Connection[], clock: Clock): void {
  for (const connection of keys.size === 0 ? [] : connections) {
    if (Array.from(bans.matches(remoteOf(connection)), ([key]) => key).some(key => keys.has(key))) {
      void closeGently(connection, clock)
    }
  }
}

/** Returns the address of a connection with its peer, which the address of an inbound one may not name */
export function remoteOf ({ remoteAddr, remotePeer }: Connection): Candidate {
  return candidate(remoteAddr, remotePeer)
}
