import { TRANSPORTS } from '../pipeline/convergence-init.ts'
import type { ConnectionFacts, ConnectionPreference } from '../pipeline/convergence.ts'

/**
 * Which connection new streams take: an unlimited one before a limited one, then a direct one before a relayed one, then by
 * transport, then the one that was dialled by the lower peer id, because that one stays
 *
 * @param order transports, preferred first; those that it does not name come last
 */
export function preferenceOf (order: readonly string[]): ConnectionPreference {
  return (a, b) => byReach(a, b) || ordinalIn(order, a.transport) - ordinalIn(order, b.transport) || byInitiator(a, b)
}

/**
 * Which of two connections stays, by nothing but what both ends know of them, so that both say the same. Not to be changed in a
 * release that talks to older ones
 */
export function sharedPreference (a: ConnectionFacts, b: ConnectionFacts): number {
  return byReach(a, b) || ordinalIn(TRANSPORTS, a.transport) - ordinalIn(TRANSPORTS, b.transport) || (a.transport === b.transport ? 0 : a.transport < b.transport ? -1 : 1) || byInitiator(a, b)
}

/** Where a transport stands in an order; behind all where it is not named */
export function ordinalIn (order: readonly string[], transport: string): number {
  const ordinal = order.indexOf(transport)

  return ordinal === -1 ? order.length : ordinal
}

function byReach (a: ConnectionFacts, b: ConnectionFacts): number {
  return Number(a.isLimited) - Number(b.isLimited) || Number(a.isRelayed) - Number(b.isRelayed)
}

function byInitiator (a: ConnectionFacts, b: ConnectionFacts): number {
  return a.initiator === b.initiator ? 0 : a.initiator < b.initiator ? -1 : 1
}
