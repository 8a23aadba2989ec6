import type { Outcome } from '../flow.ts'
import type { Connection } from '@libp2p/interface'

/** The outcomes that count for a part of a dial */
export class Memory {
  readonly outcomes: Outcome[] = []
  readonly tried = new Set<string>()
  /** The connection that is the answer where none better comes */
  kept?: Connection
  readonly #parent?: Memory

  constructor (parent?: Memory) {
    this.#parent = parent
  }

  add (outcome: Outcome): void {
    this.outcomes.push(outcome)
    this.tried.add(outcome.candidate.id)
    this.#parent?.add(outcome)
  }

  everTried (id: string): boolean {
    return this.tried.has(id) || this.#parent?.everTried(id) === true
  }
}
