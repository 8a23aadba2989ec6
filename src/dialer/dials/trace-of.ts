import type { DialTrace } from '../../trace/types.ts'
import type { Dialing } from './dialing.ts'

/** What is known of a dial that has begun, for whoever shows it */
export function traceOf ({ id, requested: { peerId }, run }: Dialing): DialTrace | undefined {
  if (run != null) {
    const { startedAt, endedAt, connection, error, story } = run

    return { id, peerId, startedAt, endedAt, connection, error, addresses: [...story.addresses.values()] }
  }
}
