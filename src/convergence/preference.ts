import { checkArguments, checkValue } from '../pipeline/check-options.ts'
import { listOf, NAME } from '../pipeline/option-kinds.ts'
import type { ConnectionFacts, ConnectionPreference } from '../pipeline/convergence.ts'

/** Fewer round trips and losses that hold up one stream only come first, as in go-libp2p's ranking of addresses */
export const TRANSPORTS: readonly string[] = ['quic-v1', 'webtransport', 'tcp', 'webrtc-direct', 'ws', 'webrtc']

/**
 * Which connection new streams take, where nothing else is said: an unlimited one before a limited one, then a direct one before
 * a relayed one, then, of two that one dial gave, the one that its pipeline prefers, then by transport, then the one that was
 * dialled by the lower peer id, because that one stays
 *
 * @param transports - preferred first; those that it does not name come last
 * @throws InvalidPipelineError for what is not an array of names
 */
export function connectionPreference (transports: readonly string[] = TRANSPORTS): ConnectionPreference {
  checkArguments('connectionPreference()', arguments, 1, 'one array names all transports')
  checkValue('connectionPreference()', transports, listOf('names', NAME))

  return (a, b) => byReach(a, b) || byDial(a, b) || byTransport(a, b, transports) || byInitiator(a, b)
}

/**
 * Which of two connections stays, by nothing but what both ends know of them, so that both say the same. Not to be changed in a
 * release that talks to older ones
 */
export function sharedPreference (a: ConnectionFacts, b: ConnectionFacts): number {
  return byReach(a, b) || byTransport(a, b, TRANSPORTS) || (a.transport === b.transport ? 0 : a.transport < b.transport ? -1 : 1) || byInitiator(a, b)
}

function byReach (a: ConnectionFacts, b: ConnectionFacts): number {
  return Number(a.isLimited) - Number(b.isLimited) || Number(a.isRelayed) - Number(b.isRelayed)
}

function byDial (a: ConnectionFacts, b: ConnectionFacts): number {
  return a.dial != null && a.dial === b.dial ? (b.place ?? 0) - (a.place ?? 0) : 0
}

function byTransport (a: ConnectionFacts, b: ConnectionFacts, transports: readonly string[]): number {
  return placeOf(a, transports) - placeOf(b, transports)
}

function placeOf ({ transport }: ConnectionFacts, transports: readonly string[]): number {
  const place = transports.indexOf(transport)

  return place === -1 ? transports.length : place
}

function byInitiator (a: ConnectionFacts, b: ConnectionFacts): number {
  return a.initiator === b.initiator ? 0 : a.initiator < b.initiator ? -1 : 1
}
