import { answerTime } from '../../pipeline/dial-components.ts'
import { guardedPrefixes } from './guarded-prefixes.ts'
import type { Candidate, DialComponents } from '../../pipeline/types.ts'

/** Milliseconds: RFC 8305's Connection Attempt Delay, and its Maximum */
const TIME = { min: 250, max: 2_000 }

/**
 * The places that the attempt of an address takes in its networks while nobody answers for the address, and the time for which it keeps
 * them where others wait: hosts that are off would hold up those that are on, and so would attempts that do not begin
 */
export class AttemptPlace {
  /** Names the places; none: somebody answers for the address */
  readonly prefixes: readonly string[]
  /** Its time is over */
  isOver = false
  readonly #candidate: Candidate
  readonly #components: DialComponents
  #cancel?: () => void

  /** @param isNested a dial made for an attempt trusts no signature */
  constructor (candidate: Candidate, components: DialComponents, isNested: boolean) {
    this.#candidate = candidate
    this.#components = components
    this.prefixes = guardedPrefixes(candidate, components, isNested)
  }

  /** Whether a dial that joins needs none: it knows who answers for the address */
  isNeedlessFor (candidate: Candidate, isNested: boolean): boolean {
    return this.prefixes.length > 0 && guardedPrefixes(candidate, this.#components, isNested).length === 0
  }

  /** Begins its time, anew where it had begun */
  begin (onOver: () => void): void {
    this.end()
    this.isOver = false
    this.#cancel = this.#components.clock.setTimeout(() => {
      this.isOver = true
      onOver()
    }, placeTimeOf(this.#candidate, this.#components))
  }

  end (): void {
    this.#cancel?.()
  }
}

/** As long as 49 of 50 first responses take, by what the node knows */
export function placeTimeOf (candidate: Candidate, { history }: Pick<DialComponents, 'history'>): number {
  return Math.min(TIME.max, Math.max(TIME.min, Math.ceil(answerTime(history.estimate(candidate)))))
}
