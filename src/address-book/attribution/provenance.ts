import { problemsOf } from './self-check.ts'
import type { Attribution, NodeComponents } from './attribution.ts'
import type { Startable } from '@libp2p/interface'

export interface ProvenanceStats {
  /** How many addresses were attributed to each source, each time that one was written */
  readonly observed: Readonly<Record<string, number>>
  /** How many addresses came from nobody knows where, by who wrote them. They have the source `unknown` */
  readonly unattributed: Readonly<Record<string, number>>
  /** What could not be wrapped, in words */
  readonly problems: readonly string[]
}

/** Tells what of a node's addresses could be attributed. Checks itself when the node starts */
export class Provenance implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-provenance'

  readonly #components: NodeComponents
  readonly #attribution: Attribution
  #problems: readonly string[] = []

  constructor (components: NodeComponents, attribution: Attribution) {
    this.#components = components
    this.#attribution = attribution
  }

  /** Called by libp2p. Addresses are attributed before as well as after */
  start (): void {
    this.#problems = problemsOf(this.#components, this.#attribution)

    if (this.#problems.length > 0) {
      this.#attribution.log.error('not every address can be attributed: %s', this.#problems.join('; '))
    }
  }

  stop (): void {}

  get stats (): ProvenanceStats {
    const { observed, unattributed } = this.#attribution.notes

    return {
      observed: Object.fromEntries(observed),
      unattributed: Object.fromEntries(unattributed),
      problems: this.#problems
    }
  }
}
