import { InvalidParametersError } from '@libp2p/interface'
import { checkBelief } from '../history/belief.ts'
import { checkOptions } from '../pipeline/check-options.ts'
import { CONVERGENCE_OPTIONS } from '../pipeline/convergence-init.ts'
import { BOOLEAN, CLOCK, FUNCTION, LIMIT, OBJECT, POSITIVE_LIMIT, POSITIVE_MILLISECONDS, recordOf, required } from '../pipeline/option-kinds.ts'
import type { ConvergenceInit } from '../pipeline/convergence-init.ts'
import type { SlotsInit } from './attempts/slots.ts'
import type { HistoryInit } from '../history/belief.ts'
import type { OptionKinds } from '../pipeline/check-options.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { CheckConnection } from '../pipeline/connection-check.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { ConnectionGater, Upgrader } from '@libp2p/interface'
import type { AddressManager, Registrar } from '@libp2p/interface-internal'
import type { Datastore } from 'interface-datastore'

export interface DialerInit {
  /** How many attempts may be in flight at once */
  slots?: SlotsInit
  /**
   * How many of the latest dials are kept for `explain` and `traces`
   *
   * @default 64
   */
  traces?: number
  /** What the node learns by dialling */
  history?: DialerHistoryInit
  /** Whom it does not dial */
  bans?: DialerBansInit
  /**
   * Other parts of the node have an inbound connection before this check has answered: identify, your protocol handlers and dials of
   * that peer use it at once. The check runs when the connection has opened, and closes it unless the answer is true
   *
   * The function takes the same arguments as that of `verify()`. A check that throws refuses, and so does one that has not answered
   * within the node's `addressDialTimeout` of the opening: 64 checks run at once, 4 of them for one peer, and the others wait. A
   * refused connection is logged, told with the event `connection:refused`, and closed, gracefully first.
   *
   * To decide by peer id or address, use libp2p's connection gater (`denyInboundEncryptedConnection`) instead: nobody has a connection
   * that it denies. Default: inbound connections are not checked
   */
  verifyInbound?: CheckConnection
  /** How several connections to one peer converge, where the node's pipeline has `converge()`. False: they do not */
  convergence?: ConvergenceInit | false
  /** Default: the system's */
  clock?: Clock
}

export interface DialerHistoryInit extends HistoryInit {
  /**
   * Keeps what was learnt in the node's datastore, so that it is known after a restart
   *
   * @default false
   */
  persist?: boolean
}

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

/** The names are libp2p's own */
export type DialerComponents = Omit<DialComponents, 'clock' | 'settings' | 'history' | 'bans' | 'convergence' | 'surroundings' | 'connectionGater'> & {
  readonly upgrader: Upgrader
  /** Replaced while the dialer is attached */
  connectionGater: ConnectionGater
  readonly addressManager?: AddressManager
  readonly registrar: Registrar
  /** For a history and bans that are kept */
  readonly datastore?: Datastore
}

const SLOTS = { node: POSITIVE_LIMIT, peer: POSITIVE_LIMIT, prefix: POSITIVE_LIMIT, transport: recordOf(POSITIVE_LIMIT) }
const PERSISTED: OptionKind = { ...OBJECT, advise: value => typeof value === 'boolean' ? `{ persist: ${String(value)} }` : undefined }
const SHARED: OptionKind = { ...OBJECT, advise: value => POSITIVE_LIMIT.test(value) ? `{ node: ${String(value)} }` : undefined }
const CONVERGENCE: OptionKind = { expected: 'an object, or false', test: value => value === false || OBJECT.test(value) }
const BANS_INIT: OptionKinds<DialerBansInit> = { persist: BOOLEAN, required: BOOLEAN }
const BAN_OPTIONS: OptionKinds<BanOptions> = { for: required(POSITIVE_MILLISECONDS), sever: BOOLEAN }
const INIT = { slots: SHARED, traces: LIMIT, history: PERSISTED, bans: PERSISTED, verifyInbound: FUNCTION, convergence: CONVERGENCE, clock: CLOCK }

/**
 * Checks what a dialer is made with
 *
 * @param owner what makes the dialer: `dialer`
 * @param more the kinds of options that only this owner takes
 * @throws InvalidParametersError for an unknown or wrong option
 */
export function checkInit (owner: string, init: DialerInit, more: Readonly<Record<string, OptionKind>> = {}): void {
  checkOptions(`${owner}()`, init, { ...INIT, ...more }, InvalidParametersError)
  const { slots = {}, history = {}, bans = {}, convergence = {} } = init
  checkOptions(`${owner}({ slots })`, slots, SLOTS, InvalidParametersError)
  checkOptions(`${owner}({ history })`, history, { persist: BOOLEAN, belief: OBJECT }, InvalidParametersError)
  checkBelief(`${owner}({ history: { belief } })`, history.belief ?? {})
  checkOptions(`${owner}({ bans })`, bans, BANS_INIT, InvalidParametersError)

  if (convergence !== false) {
    checkOptions(`${owner}({ convergence })`, convergence, CONVERGENCE_OPTIONS, InvalidParametersError)
  }
}

/** @throws InvalidParametersError for options that `ban()` does not have, or of another type, and for none */
export function checkBanOptions (options: BanOptions): void {
  checkOptions('ban()', options, BAN_OPTIONS, InvalidParametersError)
}
