import { isMultiaddr } from '@multiformats/multiaddr'
import { markImplied, reportsOf } from '../address-marks.ts'
import { MergedOnce, TOO_LONG, abbreviated, candidate as toCandidate, isCandidate, isTooLong, merge, saysTheSame, falseClaimIn } from '../candidate.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isAsyncIterable, isThenable, settledOrAborted } from '../foreign-promises.ts'
import { abortable } from '../runtime/abortable.ts'
import { OVER_LIMIT } from '../runtime/story.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial } from '../types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How many items of an answer are read for each address that may be added: answers of several peers name the same ones */
const READS_PER_ADDRESS = 4

export interface FindingsInit {
  readonly find: FindAddresses
  readonly provenance: string
  readonly limit: number
  /** Its candidates are those of the address book, which knows where the node was connected */
  readonly isOfBook: boolean
  /** It is asked whenever the list is made */
  readonly isLive: boolean
  readonly dial: StageDial
  readonly work: StageWork
}

/** The addresses that a source has found in one dial */
export class Findings {
  readonly #init: FindingsInit
  #own = new Map<string, Candidate>()
  /** All that it ever added: one that answers anew each time it is asked would go on for ever */
  readonly #added = new Set<string>()
  #merged?: MergedOnce
  #hasBegun = false

  constructor (init: FindingsInit) {
    this.#init = init
  }

  /**
   * Asks for what is found now, and for what comes later
   *
   * @param isFurther - because all else was tried in vain
   */
  ask (above: readonly Candidate[], isFurther: boolean): void {
    const { find, dial, work, isLive } = this.#init

    if (this.#hasBegun) {
      return
    }

    this.#hasBegun = !isLive

    try {
      const found = find(dial, [...above])

      if (isAsyncIterable(found)) {
        this.#hasBegun = true
        work.add(this.#collect(found), isFurther)
      } else if (isThenable(found)) {
        this.#hasBegun = true
        work.add(this.#collectAll(found), isFurther)
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

    if (above.length === 0) {
      return [...this.#own.values()]
    }

    const rest = new Map(this.#own)
    const both = above.map(one => {
      const mine = rest.get(one.id)

      if (mine == null) {
        return one
      }

      rest.delete(one.id)

      return (this.#merged ??= new MergedOnce()).merge(one, mine)
    })

    return [...both, ...rest.values()]
  }

  #add (found: Found): void {
    const { limit, work } = this.#init
    const one = this.#fromFound(found)
    const known = this.#own.get(one.id)

    if (known != null) {
      this.#own.set(one.id, merge(known, one))
    } else if (isTooLong(one)) {
      work.drop(abbreviated(one), TOO_LONG)
    } else if (this.#added.has(one.id) || this.#added.size < limit) {
      this.#added.add(one.id)
      this.#own.set(one.id, one)
      work.found(one)
    } else {
      work.crowdOut(one, `${OVER_LIMIT} of ${limit} addresses`)
    }
  }

  #fromFound (found: Found): Candidate {
    const { provenance, isOfBook, dial: { stage, target: { peerId }, node } } = this.#init

    if (isMultiaddr(found)) {
      const reports = reportsOf(found, peerId?.toString(), node.addressBook)
      const made = toCandidate(found, peerId, reports ?? { provenance: [{ source: provenance }] })

      return reports?.isImplied === true ? markImplied(made) : made
    }

    if (!isCandidate(found)) {
      throw new InvalidStageOutputError(stage, `found ${describeValue(found)}, which is neither a multiaddr nor a candidate${typeof found === 'string' ? `: write multiaddr(${describeValue(found)})` : ''}`)
    }

    const claim = falseClaimIn(found, isOfBook)

    if (claim != null) {
      throw new InvalidStageOutputError(stage, `found ${found.id} with ${claim}`)
    }

    return found
  }

  async #collect (found: AsyncIterable<unknown>): Promise<void> {
    const { dial, limit, work } = this.#init
    // what comes of one answer stands in one list, so that stages below see it together
    const arrived: unknown[] = []
    const add = (): void => { arrived.splice(0).forEach(one => { this.#add(one as Found) }) }
    let reads = 0

    try {
      for await (const one of abortable(found, dial.signal)) {
        // now: the source is at fault, and not what is asked later
        arrived.push(this.#fromFound(one as Found))

        if (this.#added.size + arrived.length >= limit) {
          add()
        }

        if (this.#added.size >= limit || ++reads >= limit * READS_PER_ADDRESS) {
          dial.log('stopped reading at the limit of %d addresses', limit)
          break
        }

        work.tellSoon(add)
      }
    } catch (err) {
      this.#outlive(err)
    }

    add()
  }

  async #collectAll (found: PromiseLike<unknown>): Promise<void> {
    try {
      this.#replace(await settledOrAborted(found, this.#init.dial.signal))
    } catch (err) {
      this.#outlive(err)
    }
  }

  #replace (found: unknown): void {
    const { dial: { stage }, limit } = this.#init

    if (!Array.isArray(found)) {
      throw new InvalidStageOutputError(stage, `found ${describeValue(found)}: a source finds an array, a promise of one, or an async iterable`)
    }

    const before = this.#own
    this.#own = new Map()

    try {
      found.slice(0, limit * READS_PER_ADDRESS).forEach(one => { this.#add(one) })
    } catch (err) {
      ignoreRejections(found)
      throw err
    }

    if (before.size > 0) {
      for (const [id, one] of this.#own) {
        const known = before.get(id)
        this.#own.set(id, known != null && saysTheSame(known, one) ? known : one)
      }
    }
  }

  #outlive (err: unknown): void {
    const { dial } = this.#init
    const error = dial.outlive(err, 'failed')
    const { story } = dial.part.host

    // that nobody knows the peer is an answer
    if (error.name !== 'NotFoundError') {
      story.sourceFailures = [...story.sourceFailures ?? [], { stage: dial.place, error }]
    }
  }
}

/** What a source may give: addresses, or candidates where it knows more about them */
export type Found = Multiaddr | Candidate

/**
 * Finds addresses: an array, a promise of one, or an async iterable. It is asked once a run, and its answer is kept. A source that is
 * `live` gives arrays, is asked whenever the list is made, and its answer replaces the one before. `above` is the list above at the moment
 * of the question.
 */
export type FindAddresses = (dial: Dial, above: readonly Candidate[]) => readonly Found[] | Promise<readonly Found[]> | AsyncIterable<Found>
