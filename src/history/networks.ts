import { FleetEvidence } from './fleet/fleet-evidence.ts'
import type { Knowledge } from './knowledge.ts'
import type { Level } from './records.ts'

const MAX = 8

type MakeKnowledge = (touched: (level: Level, key: string) => void, fleet: FleetEvidence) => Knowledge

/** The knowledge of a node, separate for each network (RFC 8305, section 4: history is per network) */
export class Networks {
  /** The observations of other members of the fleet: of public addresses only, so they hold in every network */
  readonly fleet = new FleetEvidence()
  readonly #make: MakeKnowledge
  /** The knowledge by name of the network, the newest last. Undefined is a network without a name */
  readonly #all = new Map<string | undefined, Knowledge>()
  #name?: string
  /** The random name of the node in its fleet, unrelated to its peer id and stored with the history. Undefined: the node has exported nothing yet */
  member?: string
  onNamed?: () => void
  /** Called when a record has changed, or, without a level, when the knowledge of a network was removed */
  onChange?: (network: string | undefined, level?: Level, key?: string) => void

  constructor (make: MakeKnowledge) {
    this.#make = make
    this.make(undefined)
  }

  get current (): Knowledge {
    return this.make(this.#name)
  }

  get (name: string | undefined): Knowledge | undefined {
    return this.#all.get(name)
  }

  make (name: string | undefined): Knowledge {
    const known = this.#all.get(name)

    if (known != null) {
      return known
    }

    const made = this.#make((level, key) => { this.onChange?.(name, level, key) }, this.fleet)
    this.#all.set(name, made)

    return made
  }

  change (name?: string): void {
    this.#forget(undefined)
    this.#name = name
    const { current } = this
    // reinserted as the newest
    this.#all.delete(name)
    this.#all.set(name, current)
    this.trim()
  }

  /** Removes the networks that were used least recently */
  trim (): void {
    for (const name of [...this.#all.keys()].slice(0, -MAX)) {
      if (name !== this.#name) {
        this.#forget(name)
      }
    }
  }

  #forget (name: string | undefined): void {
    if (this.#all.delete(name)) {
      this.onChange?.(name)
    }
  }
}
