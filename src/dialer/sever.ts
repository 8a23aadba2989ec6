import { InvalidParametersError } from '@libp2p/interface'
import { candidate } from '../pipeline/candidate.ts'
import { checkOptions, checkValue } from '../pipeline/check-options.ts'
import { BOOLEAN, POSITIVE_MILLISECONDS } from '../pipeline/option-kinds.ts'
import { closeGently } from './close.ts'
import type { Ban, Bans } from '../bans/bans.ts'
import type { OptionKinds } from '../pipeline/check-options.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Candidate } from '../pipeline/types.ts'
import type { Connection } from '@libp2p/interface'

export interface BanOptions {
  /** How many milliseconds it holds. `Infinity`: until it is lifted */
  for: number
  /**
   * Closes what is open: connections from and to the peer, the address or the network, gracefully first
   *
   * @default false
   */
  sever?: boolean
}

const BAN_OPTIONS: OptionKinds<BanOptions> = { for: POSITIVE_MILLISECONDS, sever: BOOLEAN }

/** @throws InvalidParametersError for options that `ban()` does not have, and for none */
export function checkBanOptions (options: BanOptions): void {
  checkOptions('ban()', options, BAN_OPTIONS, InvalidParametersError)
  checkValue('ban()', options.for, POSITIVE_MILLISECONDS, InvalidParametersError, 'for')
}

/** Closes the connections that a ban is for. Never rejects */
export async function sever (ban: Ban, bans: Bans, connections: readonly Connection[], clock: Clock): Promise<void> {
  const banned = connections.filter(connection => bans.covers(ban, remoteOf(connection)))

  await Promise.all(banned.map(async connection => closeGently(connection, clock)))
}

/** With its peer, also where an inbound one does not say it */
export function remoteOf ({ remoteAddr, remotePeer }: Connection): Candidate {
  return candidate(remoteAddr, remotePeer)
}
