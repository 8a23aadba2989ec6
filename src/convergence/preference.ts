import { TRANSPORTS } from '../pipeline/convergence-init.ts'
import type { ConnectionFacts, ConnectionPreference } from '../pipeline/convergence.ts'

/**
 * Returns the preference by which new streams choose a connection: unlimited before limited, then direct before relayed, then by
 * transport. Equal ones are ordered by who dialled: the lower peer id first, because both ends keep that connection
 *
 * @param order transports, preferred first. Transports that it does not name come last
 */
export function preferenceOf (order: readonly string[]): ConnectionPreference {
  return (a, b) => byReach(a, b) || ordinalIn(order, a.transport) - ordinalIn(order, b.transport) || byInitiator(a, b)
}

/**
 * Compares two connections to decide which one stays. Uses only facts that both ends know, so that both ends agree. A change would
 * break the agreement with older releases
 */
export function sharedPreference (a: ConnectionFacts, b: ConnectionFacts): number {
  return byReach(a, b) || ordinalIn(TRANSPORTS, a.transport) - ordinalIn(TRANSPORTS, b.transport) || (a.transport === b.transport ? 0 : a.transport < b.transport ? -1 : 1) || byInitiator(a, b)
}

/** Returns the position of a transport in an order. A transport that is not named comes after all others */
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
