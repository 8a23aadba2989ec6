import { PinQuotaExceededError } from './pin.ts'
import { PinOwner } from './owner.ts'
import type { Entries } from '../entries.ts'
import type { PinsInit } from '../types.ts'

/** The maximum number of owners that the node does not name: each name has a quota of its own */
const MAX_UNNAMED = 32

/** The owners of pins, each with the quotas that the node gives it */
export class Owners {
  readonly #entries: Entries
  readonly #init: PinsInit
  readonly #named: Map<string, PinsInit['default']>
  readonly #owners = new Map<string, PinOwner>()

  constructor (entries: Entries, init: PinsInit = {}) {
    this.#entries = entries
    this.#init = init
    this.#named = new Map(Object.entries(init.owners ?? {}))
  }

  get pins (): number {
    return [...this.#owners.values()].reduce((sum, { usage }) => sum + usage.pins, 0)
  }

  /** @throws PinQuotaExceededError for one unnamed owner too many */
  of (name: string): PinOwner {
    const known = this.#owners.get(name)

    if (known != null) {
      return known
    }

    if (!this.#named.has(name) && [...this.#owners.keys()].filter(name => !this.#named.has(name)).length >= MAX_UNNAMED) {
      throw new PinQuotaExceededError(`there are ${MAX_UNNAMED} owners already: name ${name} in addressBook({ pins: { owners } })`)
    }

    const owner = new PinOwner(name, this.#entries, { ...this.#init.default, ...this.#named.get(name) })
    this.#owners.set(name, owner)

    return owner
  }
}
