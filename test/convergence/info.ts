import type { ConnectionInfo } from '../../src/convergence/keeper.ts'
import type { ConnectionFacts } from '../../src/pipeline/convergence.ts'

/** A connection that is a name, and what is known of it */
export function info (connection: string, facts: Partial<ConnectionFacts> = {}): ConnectionInfo<string> {
  return { connection, facts: { isLimited: false, isRelayed: false, transport: 'tcp', initiator: 'a', ...facts } }
}
