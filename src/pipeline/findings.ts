import { isMultiaddr } from '@multiformats/multiaddr'
import { abortable } from './abortable.ts'
import { markImplied, reportsOf } from './address-marks.ts'
import { abbreviated, candidate as toCandidate, isCandidate, isTooLong, TOO_LONG, merge, saysTheSame } from './candidate.ts'
import { describeValue, ignoreRejections } from './describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from './errors.ts'
import { falseClaimIn } from './false-claim.ts'
import { isThenable } from './is-thenable.ts'
import { isAsyncIterable } from './one-by-one.ts'
import { settledOrAborted } from './settled-or-aborted.ts'
import { tick } from './tick.ts'
import type { Work } from './react.ts'
import type { FindAddresses, Found } from './source.ts'
import type { Candidate, Dial, DialComponents } from './types.ts'

/** How many items of an answer are read for each address that may be added: answers of several peers name the same ones */
const READS_PER_ADDRESS = 4

export interface FindingsInit {
  /** The name of the stage */
  readonly name: string
  readonly find: FindAddresses
  readonly provenance: string
  readonly limit: number
  /** Its candidates are those of the address book, which knows where the node was connected */
  readonly isOfBook: boolean
  readonly dial: Dial
  readonly components: DialComponents
  readonly work: Work
}

/** The addresses that a source has found in one dial */
export class Findings {
  readonly #init: FindingsInit
  readonly #own = new Map<string, Candidate>()
  /** All that it ever added: one that answers anew each time it is asked would go on for ever */
  readonly #added = new Set<string>()
  readonly #merged = new Map<string, { above: Candidate, own: Candidate, both: Candidate }>()
  #hasBegun = false

  constructor (init: FindingsInit) {
    this.#init = init
  }

  /** Asks for what is found now. What comes later is asked for once */
  ask (above: readonly Candidate[]): void {
    if (this.#hasBegun) {
      return
    }

    const { find, dial, components, work } = this.#init

    try {
      const found = find(dial, components, [...above])

      if (isAsyncIterable(found)) {
        this.#hasBegun = true
        work.add(this.#collect(found))
      } else if (isThenable(found)) {
        this.#hasBegun = true
        work.add(this.#collectAll(found))
      } else {
        this.#replace(found)
      }
    } catch (err) {
      this.#outlive(err)
    }
  }

  /** Whether an address was found */
  has (id: string): boolean {
    return this.#own.has(id)
  }

  /** The list from above, with what was found */
  addTo (above: readonly Candidate[]): readonly Candidate[] {
    if (this.#own.size === 0) {
      return above
    }

    const rest = new Map(this.#own)
    const both = above.map(one => {
      const mine = rest.get(one.id)

      if (mine == null) {
        return one
      }

      rest.delete(one.id)
      return this.#mergeOnce(one, mine)
    })

    return [...both, ...rest.values()]
  }

  #add (found: Found): void {
    const { dial, limit } = this.#init
    const one = this.#fromFound(found)
    const known = this.#own.get(one.id)

    if (known != null) {
      this.#own.set(one.id, merge(known, one))
    } else if (isTooLong(one)) {
      dial.verdict(abbreviated(one), TOO_LONG)
    } else if (this.#added.has(one.id) || this.#added.size < limit) {
      this.#added.add(one.id)
      this.#own.set(one.id, one)
    }
  }

  #fromFound (found: Found): Candidate {
    const { name, provenance, isOfBook, dial: { target: { peerId } }, components } = this.#init

    if (isMultiaddr(found)) {
      const reports = reportsOf(found, peerId?.toString(), components.addressBook)
      const made = toCandidate(found, peerId, reports ?? { provenance: [{ source: provenance }] })

      return reports?.isImplied === true ? markImplied(made) : made
    }

    if (!isCandidate(found)) {
      throw new InvalidStageOutputError(name, `found ${describeValue(found)}, which is neither a multiaddr nor a candidate${typeof found === 'string' ? `: write multiaddr(${describeValue(found)})` : ''}`)
    }

    const claim = falseClaimIn(found, isOfBook)

    if (claim != null) {
      throw new InvalidStageOutputError(name, `found ${found.id} with ${claim}`)
    }

    return found
  }

  async #collect (found: AsyncIterable<unknown>): Promise<void> {
    const { dial, limit, work } = this.#init
    let reads = 0

    try {
      for await (const one of abortable(found, dial.signal)) {
        this.#add(one as Found)

        if (this.#added.size >= limit || ++reads >= limit * READS_PER_ADDRESS) {
          dial.log('stopped reading at the limit of %d addresses', limit)
          return
        }

        tick(work)
      }
    } catch (err) {
      this.#outlive(err)
    }
  }

  async #collectAll (found: PromiseLike<unknown>): Promise<void> {
    try {
      this.#replace(await settledOrAborted(found, this.#init.dial.signal))
    } catch (err) {
      this.#outlive(err)
    }
  }

  #replace (found: unknown): void {
    const { name, limit } = this.#init

    if (!Array.isArray(found)) {
      throw new InvalidStageOutputError(name, `found ${describeValue(found)}: a source finds an array, a promise of one, or an async iterable`)
    }

    const before = new Map(this.#own)
    this.#own.clear()

    try {
      found.slice(0, limit * READS_PER_ADDRESS).forEach(one => { this.#add(one) })
    } catch (err) {
      ignoreRejections(found)
      throw err
    }

    for (const [id, one] of this.#own) {
      const known = before.get(id)
      this.#own.set(id, known != null && saysTheSame(known, one) ? known : one)
    }
  }

  #outlive (err: unknown): void {
    const { dial } = this.#init

    if (isPipelineFault(err) || dial.signal.aborted) {
      throw err
    }

    dial.log.error('failed - %e', toError(err))
  }

  /** A candidate stays the same object as long as it says the same */
  #mergeOnce (above: Candidate, mine: Candidate): Candidate {
    let memo = this.#merged.get(above.id)

    if (memo?.above !== above || memo.own !== mine) {
      memo = { above, own: mine, both: merge(above, mine) }
      this.#merged.set(above.id, memo)
    }

    return memo.both
  }
}
