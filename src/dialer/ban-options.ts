import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions } from '../pipeline/check-options.ts'
import { BOOLEAN, POSITIVE_MILLISECONDS, required } from '../pipeline/option-kinds.ts'
import type { OptionKinds } from '../pipeline/check-options.ts'

export interface DialerBansInit {
  /**
   * Keeps bans in the node's datastore, so that they hold after a restart
   *
   * @default false
   */
  persist?: boolean
  /**
   * Dials wait until the bans are read from the datastore. With `false` the node dials without the bans that it cannot read, and logs an
   * error each minute
   *
   * @default true
   */
  required?: boolean
}

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

const BANS_INIT: OptionKinds<DialerBansInit> = { persist: BOOLEAN, required: BOOLEAN }
const BAN_OPTIONS: OptionKinds<BanOptions> = { for: required(POSITIVE_MILLISECONDS), sever: BOOLEAN }

/** @throws InvalidParametersError for options that `dialer(…, { bans })` does not have, or of another type */
export function checkBansInit (owner: string, init: DialerBansInit): void {
  checkOptions(owner, init, BANS_INIT, InvalidParametersError)
}

/** @throws InvalidParametersError for options that `ban()` does not have, or of another type, and for none */
export function checkBanOptions (options: BanOptions): void {
  checkOptions('ban()', options, BAN_OPTIONS, InvalidParametersError)
}
