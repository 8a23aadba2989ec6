import { isMultiaddr } from '@multiformats/multiaddr'
import { isImplied, markedCandidate } from '../address-marks.ts'
import { MergedOnce, TOO_LONG, abbreviated, falseClaimIn, isCandidate, isTooLong, merge, saysTheSame } from '../candidate.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isAsyncIterable, isThenable, settledOrAborted } from '../foreign-promises.ts'
import { takeAll } from '../runtime/abortable.ts'
import { OVER_LIMIT } from '../runtime/story.ts'
import type { Taker } from '../runtime/abortable.ts'
import type { AskedList, ListPlan } from '../runtime/plan.ts'
import type { SourceStory } from '../runtime/story.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial } from '../types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a source may give: addresses, or candidates where it knows more about them */
export type Found = Multiaddr | Candidate

/**
 * Finds addresses: an array, a promise of one, or an async iterable. It is asked once a run, and its answer is kept. A source that is
 * `live` gives arrays, is asked whenever the list is made, and its answer replaces the one before. `above` is the list above at the moment
 * of the question.
 */
export type FindAddresses = (dial: Dial, above: readonly Candidate[]) => readonly Found[] | Promise<readonly Found[]> | AsyncIterable<Found>

/** When a source begins: at once, when the list above is complete and empty, or when all has been tried in vain, or is silent for long */
export type When = 'always' | 'empty' | 'exhausted'

export interface FindingInit {
  readonly finds: readonly FindAddresses[]
  readonly when: When
  readonly provenance: string
  /** How many addresses each may add */
  readonly limit: number
  /** They are asked whenever the list is made */
  readonly isLive: boolean
  /** They find what the address book says, and may say that the node was connected somewhere */
  readonly isOfBook: boolean
  /** They ask nobody but this node */
  readonly isLocal: boolean
}

/** Makes what a source does in one dial */
export function finding ({ finds, when, isLocal, ...init }: FindingInit): ListPlan['begin'] {
  return (dial, work) => {
    // made when it is asked: most sources never are where the caller gave addresses
    let parts: readonly Findings[] | undefined

    return list => {
      if (isDue(when, list) && dial.part.host.mayAsk?.(dial.place, when === 'exhausted') !== false) {
        if (parts == null) {
          const story = dial.part.host.story.ask(dial.place, dial.clock.now())
          parts = finds.map(find => new Findings({ ...init, find, dial, work, story }))
          work.findings = parts
        }

        // what is known already is what has failed: a source that looks further keeps the dial alive, and nothing else
        const isFurther = when === 'exhausted' && !list.candidates.every(isImplied)
        parts.forEach(part => { part.ask(list.candidates, isFurther) })
      }

      // what a relayed address says of its relay comes after what is known of the relay, in the order of stages below
      const isHeld = isLocal && work.pending > 0 && list.candidates.every(isImplied)

      return (parts ?? []).reduce((candidates, part) => part.addTo(candidates), isHeld ? [] : list.candidates)
    }
  }
}

function isDue (when: When, { candidates, complete, last, isSilent }: AskedList): boolean {
  return when === 'always' || (complete && (candidates.every(isImplied) || (when === 'exhausted' && (last || isSilent === true))))
}

/** How many items of an answer are read for each address that may be added: answers of several peers name the same ones */
const READS_PER_ADDRESS = 4

interface FindingsInit extends Omit<FindingInit, 'finds' | 'when' | 'isLocal'> {
  readonly find: FindAddresses
  readonly dial: StageDial
  readonly work: StageWork
  /** Shared by all functions of the source */
  readonly story: SourceStory
}

/** The addresses that a source has found in one dial */
class Findings implements Taker<Candidate> {
  readonly #init: FindingsInit
  #own = new Map<string, Candidate>()
  /** All that it ever added: one that answers anew each time it is asked would go on for ever */
  readonly #added = new Set<string>()
  #merged?: MergedOnce
  #hasBegun = false
  #reads = 0

  constructor (init: FindingsInit) {
    this.#init = init
  }

  /** @param isFurther because all else was tried in vain */
  ask (above: readonly Candidate[], isFurther: boolean): void {
    const { find, isLive, dial, work, story } = this.#init

    if (this.#hasBegun) {
      return
    }

    try {
      this.#hasBegun = !isLive
      const found: unknown = find(dial, [...above])

      if (isAsyncIterable(found) || isThenable(found)) {
        this.#hasBegun = true
        dial.tell('was asked, and is awaited')
        story.await()
        const all = isAsyncIterable(found) ? takeAll(found, dial, work, this) : settledOrAborted(found, dial.signal).then(one => { this.#replace(one) })
        const answered = (): void => { story.answered(dial.clock.now()) }
        work.add(all.then(answered, (err: unknown) => {
          this.#outlive(err)
          answered()
        }), isFurther)
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
      rest.delete(one.id)

      return mine == null ? one : (this.#merged ??= new MergedOnce()).merge(one, mine)
    })

    return [...both, ...rest.values()]
  }

  /** Now: the source is at fault for what is no address, and not what is asked later */
  read (found: unknown): Candidate {
    const { provenance, isOfBook, dial: { stage, target: { peerId }, node } } = this.#init

    if (isMultiaddr(found)) {
      return markedCandidate(found, peerId, node.addressBook, provenance)
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

  isFull (count: number): boolean {
    return this.#added.size + count >= this.#init.limit || this.#reads + count >= this.#init.limit * READS_PER_ADDRESS
  }

  take (some: readonly Candidate[]): boolean {
    some.forEach(one => { this.#add(one) })
    this.#reads += some.length
    const isFull = this.isFull(0)

    if (isFull && some.length > 0) {
      this.#init.dial.log('stopped reading at the limit of %d addresses', this.#init.limit)
    }

    return !isFull
  }

  #add (one: Candidate): void {
    const { dial, limit, work, story } = this.#init
    const known = this.#own.get(one.id)

    if (known != null) {
      this.#own.set(one.id, merge(known, one))
    } else if (isTooLong(one)) {
      work.drop(abbreviated(one), TOO_LONG)
    } else if (this.#added.has(one.id) || this.#added.size < limit) {
      if (!this.#added.has(one.id)) {
        story.addresses += work.findings?.some(part => part !== this && part.has(one.id)) === true ? 0 : 1
        dial.tell('found %s', one.id)
      }

      this.#added.add(one.id)
      this.#own.set(one.id, one)
      work.found(one)
    } else {
      work.crowdOut(one, `${OVER_LIMIT} of ${limit} addresses`)
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
      found.slice(0, limit * READS_PER_ADDRESS).forEach(one => { this.#add(this.read(one)) })
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
    const { dial, story } = this.#init
    const error = dial.outlive(err, 'failed')

    // that nobody knows the peer is an answer
    if (error.name !== 'NotFoundError') {
      story.error = error
    }
  }
}
