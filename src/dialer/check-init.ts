import { InvalidParametersError } from '@libp2p/interface'
import { checkBansInit } from './ban-options.ts'
import { checkBelief } from '../history/belief.ts'
import { checkOptions } from '../pipeline/check-options.ts'
import { BOOLEAN, CLOCK, LIMIT, OBJECT, POSITIVE_LIMIT, recordOf } from '../pipeline/option-kinds.ts'
import type { DialerInit } from './dialer-init.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'

const SLOTS = { node: POSITIVE_LIMIT, peer: POSITIVE_LIMIT, prefix: POSITIVE_LIMIT, transport: recordOf(POSITIVE_LIMIT) }
const PERSISTED: OptionKind = { ...OBJECT, advise: value => typeof value === 'boolean' ? `{ persist: ${String(value)} }` : undefined }
const SHARED: OptionKind = { ...OBJECT, advise: value => POSITIVE_LIMIT.test(value) ? `{ node: ${String(value)} }` : undefined }
const INIT = { slots: SHARED, traces: LIMIT, history: PERSISTED, bans: PERSISTED, clock: CLOCK }

/**
 * Checks what a dialer is made with
 *
 * @param owner what makes the dialer: `dialer`
 * @param more the kinds of options that only this owner takes
 * @throws InvalidParametersError for an unknown or wrong option
 */
export function checkInit (owner: string, init: DialerInit, more: Readonly<Record<string, OptionKind>> = {}): void {
  checkOptions(`${owner}()`, init, { ...INIT, ...more }, InvalidParametersError)
  const { slots = {}, history = {}, bans = {} } = init
  checkOptions(`${owner}({ slots })`, slots, SLOTS, InvalidParametersError)
  checkOptions(`${owner}({ history })`, history, { persist: BOOLEAN, belief: OBJECT }, InvalidParametersError)
  checkBelief(`${owner}({ history: { belief } })`, history.belief ?? {})
  checkBansInit(`${owner}({ bans })`, bans)
}
