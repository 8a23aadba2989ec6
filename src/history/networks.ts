import { Member } from './fleet/member.ts'
import type { Knowledge } from './knowledge.ts'
import type { Level } from './snapshots.ts'

/** How many networks are remembered */
const MAX = 8

/** A node's knowledge, apart for each network that it was in (RFC 8305, section 4: history is kept per network) */
export class Networks {
  readonly #make: (touched: (level: Level, key: string) => void) => Knowledge
  /** By name, the one that was entered last at the end; undefined is a network without a name */
  readonly #all = new Map<string | undefined, Knowledge>()
  #name?: string
  #current: Knowledge
  /** The node among those with which it shares what it has learnt */
  readonly member = new Member()
  /** Called when something was learnt, or all of a network was forgotten: then without a level */
  onChange?: (network: string | undefined, level?: Level, key?: string) => void

  constructor (make: (touched: (level: Level, key: string) => void) => Knowledge) {
    this.#make = make
    this.#current = this.make(undefined)
  }

  get current (): Knowledge {
    return this.#current
  }

  get (name: string | undefined): Knowledge | undefined {
    return this.#all.get(name)
  }

  /** What is known of a network, or the place for it */
  make (name: string | undefined): Knowledge {
    const known = this.#all.get(name)

    if (known != null) {
      return known
    }

    const made = this.#make((level, key) => { this.onChange?.(name, level, key) })
    this.#all.set(name, made)

    return made
  }

  change (name?: string): void {
    this.#forget(undefined)
    this.#name = name
    this.#current = this.make(name)
    // the newest at the end
    this.#all.delete(name)
    this.#all.set(name, this.#current)
    this.trim()
  }

  /** Forgets those that were entered least recently */
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
