import { InvalidParametersError } from '@libp2p/interface'
import { BELIEF_OPTIONS } from '../history/belief.ts'
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

/** Options of `dialer()` and `attach()` */
export interface DialerInit {
  /** Limits for attempts in flight */
  slots?: SlotsInit | undefined
  /**
   * Number of the latest dials that are kept for `explain` and `traces`
   *
   * @default 64
   */
  traces?: number | undefined
  /** Options of the history, in which the node keeps what it learns from its dials */
  history?: DialerHistoryInit | undefined
  /** Options of the node's bans */
  bans?: DialerBansInit | undefined
  /**
   * Checks each inbound connection when it has opened, and closes it unless the check returns true
   *
   * The rest of the node has the connection before the check has answered: identify, your protocol handlers and dials to that peer
   * use it at once. To decide by peer id or address, use libp2p's connection gater (`denyInboundEncryptedConnection`): no part of the
   * node gets a connection that the gater denies.
   *
   * The function takes the same arguments as that of `verify()`. A check that throws refuses the connection. So does a check that has
   * not answered within the node's `addressDialTimeout`, counted from the opening. At most 64 checks run at once, 4 for one peer. The
   * others wait. A refused connection is logged, reported by the event `connection:refused`, and closed, gracefully first.
   * Default: inbound connections are not checked
   */
  verifyInbound?: CheckConnection | undefined
  /** Options of convergence, when the node's pipeline has `converge()`. False: several connections to one peer do not converge */
  convergence?: ConvergenceInit | false | undefined
  /** Source of time. Default: the system's clock */
  clock?: Clock | undefined
}

export interface DialerHistoryInit extends HistoryInit {
  /**
   * Persists the history in the node's datastore, so that it survives a restart
   *
   * @default false
   */
  persist?: boolean | undefined
}

export interface DialerBansInit {
  /**
   * Persists bans in the node's datastore, so that they survive a restart
   *
   * @default false
   */
  persist?: boolean | undefined
  /**
   * Whether dials wait until the bans are read from the datastore. With `false` the node dials without bans that it cannot read, and
   * logs an error at least every 30 s
   *
   * @default true
   */
  required?: boolean | undefined
}

/** Options of `ban()` */
export interface BanOptions {
  /** Duration of the ban in milliseconds. `Infinity`: until the ban is removed */
  for: number
  /**
   * Closes open connections from and to the peer, the address or the network, gracefully first
   *
   * @default false
   */
  sever?: boolean | undefined
}

/** The components of the node that the dialer uses, under libp2p's names */
export type DialerComponents = Omit<DialComponents, 'clock' | 'settings' | 'history' | 'bans' | 'convergence' | 'surroundings' | 'connectionGater'> & {
  readonly upgrader: Upgrader
  /** Replaced by a wrapper that also denies banned peers, while the dialer is attached */
  connectionGater: ConnectionGater
  readonly addressManager?: AddressManager
  readonly registrar: Registrar
  /** Required to persist the history or the bans */
  readonly datastore?: Datastore
}

const SLOTS = { node: POSITIVE_LIMIT, peer: POSITIVE_LIMIT, prefix: POSITIVE_LIMIT, transport: recordOf(POSITIVE_LIMIT) }
const CONVERGENCE: OptionKind = { expected: 'an object, or false', test: value => value === false || OBJECT.test(value) }
const BANS_INIT: OptionKinds<DialerBansInit> = { persist: BOOLEAN, required: BOOLEAN }
export const BAN_OPTIONS: OptionKinds<BanOptions> = { for: required(POSITIVE_MILLISECONDS), sever: BOOLEAN }
const BANS: OptionKind = { ...OBJECT, advise: value => value === true ? '{ persist: true }' : undefined }
const HISTORY: OptionKind = { ...BANS, advise: value => value === false ? 'dialer(staggered()), which orders and drops nothing by the history' : BANS.advise?.(value) }
const INIT = { slots: OBJECT, traces: LIMIT, history: HISTORY, bans: BANS, verifyInbound: FUNCTION, convergence: CONVERGENCE, clock: CLOCK }

/**
 * Checks the options of a dialer
 *
 * @param owner the function that makes the dialer, for error messages: `dialer`
 * @param more the kinds of options that only this owner takes
 * @throws InvalidParametersError for an unknown or wrong option
 */
export function checkInit (owner: string, init: DialerInit, more: Readonly<Record<string, OptionKind>> = {}): void {
  checkOptions(`${owner}()`, init, { ...INIT, ...more }, InvalidParametersError)
  const { slots = {}, history = {}, bans = {}, convergence = {} } = init
  checkOptions(`${owner}({ slots })`, slots, SLOTS, InvalidParametersError)
  checkOptions(`${owner}({ history })`, history, { persist: BOOLEAN, belief: OBJECT }, InvalidParametersError)
  checkOptions(`${owner}({ history: { belief } })`, history.belief ?? {}, BELIEF_OPTIONS, InvalidParametersError)
  checkOptions(`${owner}({ bans })`, bans, BANS_INIT, InvalidParametersError)

  if (convergence !== false) {
    checkOptions(`${owner}({ convergence })`, convergence, CONVERGENCE_OPTIONS, InvalidParametersError)
  }
}
