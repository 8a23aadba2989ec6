import { SOURCE } from '../pipeline/sources.ts'
import type { Evidence } from './evidence.ts'
import type { SourceStats } from './types.ts'

/** How the addresses of each source fared when they were dialled */
export class Stats {
  readonly #bySource = new Map<string, { dialled: number, answered: number }>()

  attempted (evidence: readonly Evidence[], hasConnected: boolean): void {
    // several reporters of one source are one word for the address
    const seen = new Map<string, { wasDialled: boolean, hasAnswered: boolean }>()

    for (const { source, wasDialled, hasAnswered } of evidence) {
      const before = seen.get(source)
      seen.set(source, { wasDialled: wasDialled || before?.wasDialled === true, hasAnswered: hasAnswered || before?.hasAnswered === true })
    }

    for (const [source, { wasDialled, hasAnswered }] of seen) {
      if (!isOfThisConnection(source, evidence, hasConnected)) {
        this.#count(source, !wasDialled, hasConnected && !hasAnswered)
      }
    }

    for (const one of evidence) {
      if (!isOfThisConnection(one.source, evidence, hasConnected)) {
        one.wasDialled = true
        one.hasAnswered ||= hasConnected
      }
    }
  }

  report (): Record<string, SourceStats> {
    return Object.fromEntries(Array.from(this.#bySource, ([source, counts]) => [source, { ...counts }]))
  }

  #count (source: string, isDialled: boolean, isAnswered: boolean): void {
    const counts = this.#bySource.get(source) ?? { dialled: 0, answered: 0 }
    counts.dialled += isDialled ? 1 : 0
    counts.answered += isAnswered ? 1 : 0
    this.#bySource.set(source, counts)
  }
}

/** The connection opened before its attempt ended: that the address was dialled is the news, and no reason it was dialled for */
function isOfThisConnection (source: string, evidence: readonly Evidence[], hasConnected: boolean): boolean {
  return hasConnected && source === SOURCE.dialled && evidence.every(({ source, count }) => source !== SOURCE.dialled || count === 1)
}
