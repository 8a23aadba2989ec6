import type { ParsedTarget } from './target.ts'

/** Finds the pending dial of the same peer (or, where no peer is known, of the same address) and the same meaning, in constant time */
export class Joins<D> {
  readonly #byMeaning = new Map<string, Map<string, D>>()

  find (target: ParsedTarget, meaning: string): D | undefined {
    const dials = this.#byMeaning.get(meaning)

    for (const key of keys(target)) {
      const dial = dials?.get(key)

      if (dial != null) {
        return dial
      }
    }
  }

  add (dial: D, target: ParsedTarget, meaning: string): void {
    const dials = this.#byMeaning.get(meaning) ?? new Map<string, D>()
    this.#byMeaning.set(meaning, dials)

    for (const key of keys(target)) {
      if (!dials.has(key)) {
        dials.set(key, dial)
      }
    }
  }

  delete (dial: D, target: ParsedTarget, meaning: string): void {
    const dials = this.#byMeaning.get(meaning)

    for (const key of keys(target)) {
      if (dials?.get(key) === dial) {
        dials.delete(key)
      }
    }

    if (dials?.size === 0) {
      this.#byMeaning.delete(meaning)
    }
  }
}

function keys ({ peer, multiaddrs }: ParsedTarget): string[] {
  return peer == null ? multiaddrs.map(String) : [peer]
}
