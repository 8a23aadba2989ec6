import { Bounded } from '../pipeline/bounded.ts'
import { SOURCE } from '../pipeline/sources.ts'
import type { Evidence } from './evidence.ts'
import type { SourceStats } from './types.ts'

/** Sources that statistics are kept of, at most, and at least half as many. A module may make a name up for each address */
const MAX_SOURCES = 2_000

/** How the addresses of each source fared when they were dialled */
export class Stats {
  readonly #bySource = new Bounded<{ dialled: number, answered: number }>(MAX_SOURCES)

  attempted (evidence: readonly Evidence[], hasConnected: boolean): void {
    for (const source of new Set(evidence.map(one => one.source))) {
      // several reporters of one source are one word for the address
      const reports = evidence.filter(one => one.source === source)
      // the connection opened before its attempt ended: that the address was dialled is the news, and no reason it was dialled for
      const isOfThisConnection = hasConnected && source === SOURCE.dialled && reports.every(({ count }) => count === 1)

      if (!isOfThisConnection) {
        const counts = this.#bySource.get(source) ?? { dialled: 0, answered: 0 }
        counts.dialled += Number(!reports.some(({ wasDialled }) => wasDialled))
        counts.answered += Number(hasConnected && !reports.some(({ hasAnswered }) => hasAnswered))
        this.#bySource.set(source, counts)

        for (const report of reports) {
          report.wasDialled = true
          report.hasAnswered = hasConnected || report.hasAnswered
        }
      }
    }
  }

  report (): Record<string, SourceStats> {
    return Object.fromEntries(Array.from(this.#bySource, ([source, counts]) => [source, { ...counts }]))
  }
}
