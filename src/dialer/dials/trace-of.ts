import { throwerOf } from '../../pipeline/errors.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Dialing } from './dialing.ts'

/** What is known of a dial that has begun, for whoever shows it */
export function traceOf ({ id, requested: { peerId }, run }: Dialing): DialTrace | undefined {
  if (run != null) {
    const { startedAt, endedAt, connection, error, awaited, story } = run

    return { id, peerId, startedAt, endedAt, connection, error, thrower: error == null ? undefined : throwerOf(error), awaited, addresses: [...story.addresses.values()], sourceFailures: story.sourceFailures }
  }
}
