import type { Candidate, DialHistory, Estimate, Failures, PathRecord } from '../../src/pipeline/types.ts'

/** What a node with this history believes of any address */
export const estimate: Estimate = { success: 0.5, valid: 2 / 3, firstResponse: { mu: Math.log(80), sigma: 0.7 }, connect: 250, roundTrips: { first: 1, all: 3 } }

/** A history that a test writes itself */
export class FakeHistory implements DialHistory {
  /** By the identity of the address */
  readonly failed = new Map<string, Failures>()
  readonly paths: Partial<Record<'udp' | 'ip6', PathRecord>> = {}
  readonly valid = new Map<string, number>()
  isOnline = 0.75
  /** As how many observations what is believed counts. Undefined: it is certain */
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
