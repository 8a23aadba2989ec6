import type { ConnectionInfo } from '../../src/convergence/keeper.ts'
import type { ConnectionFacts } from '../../src/pipeline/convergence.ts'

/** Describes a connection, which is a name in these tests */
export function info (connection: string, facts: Partial<ConnectionFacts> = {}): ConnectionInfo<string> {
  return { connection, facts: { isLimited: false, isRelayed: false, transport: 'tcp', initiator: 'a', ...facts } }
}
