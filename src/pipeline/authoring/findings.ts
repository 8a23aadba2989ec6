import { isMultiaddr } from '@multiformats/multiaddr'
import { markedCandidate } from '../runtime/live-target.ts'
import { MergedOnce, TOO_LONG, abbreviate, falseClaimIn, isCandidate, isOversized, merge } from '../candidate.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isAsyncIterable, isThenable, settledOrAborted } from '../foreign-promises.ts'
import { takeAll } from '../runtime/answers.ts'
import { OVER_LIMIT } from '../runtime/story.ts'
import type { Taker } from '../runtime/answers.ts'
import type { SourceStory } from '../runtime/source-story.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial } from '../types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An item that a source finds: a multiaddr, or a candidate where the source knows more about the address */
export type Found = Multiaddr | Candidate

/**
 * Finds the addresses of a source: as an array, a promise of one, or an async iterable. Called once a run; the answer is kept. With `live`
 * it is called whenever the list is made, an array replaces the array before, and `above` is the list above at that moment.
 */
export type FindAddresses = (dial: Dial, above: readonly Candidate[]) => readonly Found[] | Promise<readonly Found[]> | AsyncIterable<Found>

/** The maximum number of items that are read for each address that may be added: several peers may name the same address */
const READS_PER_ADDRESS = 4

interface FindingsInit {
  readonly find: FindAddresses
  readonly provenance: string
  readonly limit: number
  /** Whether the function is called whenever the list is made */
  readonly isLive: boolean
  /** Whether the function reads the address book. Only then the source `dialled` is accepted */
  readonly isOfBook: boolean
  readonly work: StageWork
  /** Shared by all functions of the source */
  readonly story: SourceStory
}

/** The addresses that one function of a source has found in one dial */
export class Findings implements Taker<Candidate> {
  readonly #init: FindingsInit
  #own = new Map<string, Candidate>()
  /** Every address ever added. The limit counts them all, or a live source with new addresses each time would never end */
  readonly #added = new Set<string>()
  #merged?: MergedOnce
  /** The items of the latest answer of a live source */
  #latest?: readonly unknown[]
  #hasBegun = false
  #reads = 0

  constructor (init: FindingsInit) {
    this.#init = init
  }

  /** @param isFurther whether the source is asked because every attempt has failed */
  ask (above: readonly Candidate[], isFurther: boolean): void {
    const { find, isLive, work, story } = this.#init

    if (this.#hasBegun) {
      return
    }

    try {
      this.#hasBegun = !isLive
      const found: unknown = find(work, [...above])

      if (isAsyncIterable(found) || isThenable(found)) {
        this.#hasBegun = true
        work.logStep('is awaited')
        story.await()
        const all = isAsyncIterable(found) ? takeAll(found, work, this) : settledOrAborted(found, work.signal).then(one => { this.#replace(one) })
        const answered = (): void => { story.answered(work.clock.now()) }
        work.add(all.then(answered, (err: unknown) => {
          story.leftAt = work.part.isEnded ? work.clock.now() : undefined
          this.#logFailure(err)
          answered()
        }), isFurther)
      } else {
        this.#replace(found)
      }
    } catch (err) {
      this.#logFailure(err)
    }
  }

  has (id: string): boolean {
    return this.#own.has(id)
  }

  /** Returns the list from above, merged with the addresses found */
  addTo (above: readonly Candidate[]): readonly Candidate[] {
    if (this.#own.size === 0) {
      return above
    }

    const rest = new Map(this.#own)
    const both = above.map(one => {
      const mine = rest.get(one.id)
      rest.delete(one.id)

      return mine == null ? one : (this.#merged ??= new MergedOnce()).merge(one, mine)
    })

    return [...both, ...rest.values()]
  }

  /** Checks an item at once: a wrong item fails its source, and no later stage */
  read (found: unknown): Candidate {
    const { provenance, isOfBook, work: { stage, target: { peerId }, node } } = this.#init

    if (isMultiaddr(found)) {
      return markedCandidate(found, peerId, node.addressBook, provenance)
    }

    if (!isCandidate(found)) {
      const words = describeValue(found)

      throw new InvalidStageOutputError(stage, typeof found === 'string' ? `found text, which is no address: write multiaddr(${words})` : `found ${words}, which is neither a multiaddr nor a candidate`)
    }

    const claim = falseClaimIn(found, isOfBook)

    if (claim != null) {
      throw new InvalidStageOutputError(stage, `found ${found.id} with ${claim}`)
    }

    return found
  }

  isFull (count: number): boolean {
    return this.#added.size + count >= this.#init.limit || this.#reads + count >= this.#init.limit * READS_PER_ADDRESS
  }

  take (some: readonly Candidate[]): boolean {
    some.forEach(one => { this.#add(one) })
    this.#reads += some.length
    const isFull = this.isFull(0)

    if (isFull && some.length > 0) {
      this.#init.work.log('stopped reading at the limit of %d addresses', this.#init.limit)
    }

    return !isFull
  }

  #add (one: Candidate): void {
    const { limit, work, story } = this.#init
    const known = this.#own.get(one.id)

    if (known != null) {
      this.#own.set(one.id, merge(known, one))
    } else if (isOversized(one.multiaddr)) {
      work.drop(abbreviate(one), TOO_LONG)
    } else if (this.#added.has(one.id) || this.#added.size < limit) {
      if (!this.#added.has(one.id)) {
        story.addresses += work.findings?.some(part => part !== this && part.has(one.id)) === true ? 0 : 1
        work.logStep('found %s', one.id)
      }

      this.#added.add(one.id)
      this.#own.set(one.id, one)
      work.found(one)
    } else {
      work.crowdOut(one, `${OVER_LIMIT} of ${limit} addresses`)
    }
  }

  #replace (found: unknown): void {
    const { work: { stage }, limit, isLive } = this.#init

    if (!Array.isArray(found)) {
      throw new InvalidStageOutputError(stage, `found ${describeValue(found)}: a source finds an array, a promise of one, or an async iterable`)
    }

    const items: readonly unknown[] = found.slice(0, limit * READS_PER_ADDRESS)

    // an equal answer changes nothing: each failed attempt has a live source asked again, and most answer the same
    if (items.length === this.#latest?.length && items.every((one, i) => one === this.#latest?.[i])) {
      return
    }

    const before = this.#own
    this.#own = new Map()
    // set first: if an item is wrong, the answer before it is news again
    this.#latest = isLive ? items : undefined

    try {
      items.forEach(one => { this.#add(this.read(one)) })
    } catch (err) {
      ignoreRejections(found)
      throw err
    }

    for (const [id, one] of this.#own) {
      const known = before.get(id)
      // keeps the known object if the new one has the same reports and certification: stages cache by object
      this.#own.set(id, known != null && merge(known, one) === known && merge(one, known) === one ? known : one)
    }
  }

  #logFailure (err: unknown): void {
    const { work, story } = this.#init

    if (err instanceof NotAsked && !work.part.isEnded) {
      skipSource(story, err.message, work)
      return
    }

    const error = err instanceof InvalidStageOutputError ? work.logAnyFailure(err, 'failed') : work.logFailure(err, 'failed')

    // a NotFoundError means that no router knows the peer: an answer, no failure
    if (error.name !== 'NotFoundError') {
      story.error = error
    }
  }
}

/** Thrown by a function of a source that asks nobody. The message is the reason */
export class NotAsked extends Error {
  static override name = 'NotAsked'
}

export function skipSource (story: SourceStory, reason: string, work: StageWork): void {
  story.notAsked = reason
  work.log('was not asked: %s', reason)
}

/** Returns the multiaddrs of an answer. Anything else is logged and skipped */
export function onlyMultiaddrs (found: readonly unknown[], dial: Dial): Multiaddr[] {
  return found.filter((one): one is Multiaddr => {
    try {
      if (isMultiaddr(one)) {
        return true
      }
    } catch {
      // a revoked proxy is no multiaddr
    }

    dial.log.error('skipped %s, which is no multiaddr', describeValue(one))

    return false
  })
}
