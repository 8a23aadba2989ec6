import type { Candidate, DialHistory, Estimate, Failures, PathRecord } from '../../src/pipeline/types.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'

/** The estimate that this history has of every address */
export const estimate: Estimate = { success: 0.5, valid: 2 / 3, firstResponse: { mu: Math.log(80), sigma: 0.7 }, connect: 250, roundTrips: { first: 1, all: 3 } }

/** A history whose contents the test sets */
export class FakeHistory implements DialHistory {
  /** The failures by the identity of the address */
  readonly failed = new Map<string, Failures>()
  readonly paths: Partial<Record<'udp' | 'ip6', PathRecord>> = {}
  readonly valid = new Map<string, number>()
  isOnline = 0.75
  /** The number of observations behind the estimates. Undefined: the estimates are certain */
  strength?: number

  fail ({ id }: Candidate, at: number, count = 1): void {
    this.failed.set(id, { count, at, isWrongPeer: false })
  }

  estimate ({ id }: Candidate): Estimate {
    return { ...estimate, valid: this.valid.get(id) ?? estimate.valid, strength: this.strength }
  }

  failures ({ id }: Candidate): Failures | undefined {
    return this.failed.get(id)
  }

  online (): number {
    return this.isOnline
  }

  path (kind: 'udp' | 'ip6'): PathRecord {
    return this.paths[kind] ?? { successes: 0, failures: 0, failuresInARow: 0 }
  }
}

/** Returns the fixture of a node with a history */
export function withHistory (history: DialHistory = new FakeHistory()): Pick<ComplianceFixture, 'components'> {
  return { components: () => ({ history }) }
}
