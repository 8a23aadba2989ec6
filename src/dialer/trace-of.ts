import type { DialTrace } from '../trace/types.ts'
import type { Dialing } from './dialing.ts'

/** What is known of a dial, for whoever shows it */
export function traceOf ({ id, requested, startedAt, endedAt, connection, error, story }: Dialing): DialTrace {
  return { id, peerId: requested.peerId, startedAt: startedAt ?? 0, endedAt, connection, error, addresses: [...story.addresses.values()] }
}
