import { Bounded } from '../pipeline/bounded.ts'
import { SOURCE } from '../pipeline/sources.ts'
import type { StoredReport } from './stored-report.ts'
import type { SourceStats } from './types.ts'

/** The maximum number of sources in the statistics; at least half as many are kept. A module may use a new name for each address */
const MAX_SOURCES = 2_000

/** Counts how many addresses of each source were dialled, and answered */
export class Stats {
  /** The reports whose address was dialled, and whether it has answered. They are few: a field would enlarge every report */
  readonly #dialled = new WeakMap<StoredReport, boolean>()
  readonly #bySource = new Bounded<{ dialled: number, answered: number }>(MAX_SOURCES)

  attempted (all: readonly StoredReport[], hasConnected: boolean): void {
    for (const source of new Set(all.map(one => one.source))) {
      // several reporters of one source count once
      const reports = all.filter(one => one.source === source)
      // the connection opened before its attempt ended: the new report `dialled` was not a reason for the dial
      const isOfThisConnection = hasConnected && source === SOURCE.dialled && reports.every(({ count }) => count === 1)

      if (!isOfThisConnection) {
        const counts = this.#bySource.get(source) ?? { dialled: 0, answered: 0 }
        counts.dialled += Number(!reports.some(report => this.#dialled.has(report)))
        counts.answered += Number(hasConnected && !reports.some(report => this.#dialled.get(report) === true))
        this.#bySource.set(source, counts)
        reports.forEach(report => { this.#dialled.set(report, hasConnected || this.#dialled.get(report) === true) })
      }
    }
  }

  report (): Record<string, SourceStats> {
    return Object.fromEntries(Array.from(this.#bySource, ([source, counts]) => [source, { ...counts }]))
  }
}
