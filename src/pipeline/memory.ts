import type { Candidate, Outcome } from './types.ts'
import type { Connection } from '@libp2p/interface'

/** Why an address does not stand in a list, and whose stage says so */
interface Drop {
  readonly stage: string
  readonly reason: string
  readonly cause?: Error
}

/** The outcomes and verdicts that count for a part of a dial */
export class Memory {
  readonly outcomes: Outcome[] = []
  readonly tried = new Set<string>()
  /** The connection that is the answer where none better comes */
  kept?: Connection
  /** How many stages there are so far, from the top to the bottom */
  stages = 0
  /** The knowledge at which the target was last raised */
  raisedAt = 0
  /** By the positions of the stages that have dropped it: each takes back its own verdict only */
  readonly #dropped = new Map<string, Map<number, Drop>>()
  readonly #expanded = new Map<string, { at: number, into: readonly Candidate[] }>()
  readonly #parent?: Memory
  readonly #learnt = new Set<string>()

  constructor (parent?: Memory) {
    this.#parent = parent
  }

  /** How many times something new was learnt that makes an address spent */
  get knowledge (): number {
    return this.#learnt.size
  }

  outcome (outcome: Outcome): void {
    this.outcomes.push(outcome)
    this.tried.add(outcome.candidate.id)
    this.#learnt.add(outcome.candidate.id)
    this.#parent?.outcome(outcome)
  }

  everTried (id: string): boolean {
    return this.tried.has(id) || this.#parent?.everTried(id) === true
  }

  expand (id: string, at: number, into: readonly Candidate[]): void {
    this.#expanded.set(id, { at, into })
    this.#learnt.add(`${id} became ${into.map(({ id }) => id).join()}`)
  }

  /**
   * Whether an address that stands in the list at a position is spent: what a stage above has dropped may have been given
   * again. What stands for itself, also in a circle, is not spent by that.
   */
  spent (id: string, from: number, passed: readonly string[] = []): boolean {
    if (this.tried.has(id) || this.#lastDrop(id) >= from) {
      return true
    }

    const expanded = this.#expanded.get(id)

    return expanded != null && expanded.at >= from && !passed.includes(id) &&
      expanded.into.every(into => this.spent(into.id, expanded.at, [...passed, id]))
  }

  drop (id: string, at: number, drop: Drop): void {
    const drops = this.#dropped.get(id) ?? new Map<number, Drop>()
    drops.set(at, drop)
    this.#dropped.set(id, drops)
    this.#learnt.add(`${id} dropped at ${at}`)
  }

  /** The position of the lowest stage that drops it */
  #lastDrop (id: string): number {
    const drops = this.#dropped.get(id)

    return drops == null ? -1 : Math.max(-1, ...drops.keys())
  }

  isDropped (id: string, at: number): boolean {
    return this.#dropped.get(id)?.has(at) === true
  }

  /** Answers who drops it still, if anybody does */
  takeBack (id: string, at: number): Drop | undefined {
    const drops = this.#dropped.get(id)
    drops?.delete(at)

    return [...drops?.values() ?? []].at(-1)
  }

  /** It has come through all stages */
  forgive (id: string): void {
    this.#dropped.delete(id)
  }
}
