import { isMultiaddr } from '@multiformats/multiaddr'
import { abortable } from './abortable.ts'
import { abbreviated, candidate as toCandidate, isCandidate, isTooLong, TOO_LONG, merge, saysTheSame } from './candidate.ts'
import { describeValue, ignoreRejections } from './describe-value.ts'
import { InvalidPipelineError, InvalidStageOutputError, isPipelineFault, toError } from './errors.ts'
import { isThenable } from './is-thenable.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { isAsyncIterable } from './one-by-one.ts'
import { Work } from './react.ts'
import { settledOrAborted } from './settled-or-aborted.ts'
import { stepwise } from './stepwise.ts'
import { tick } from './tick.ts'
import type { Candidate, Dial, DialComponents, List, StageInit, Target } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a source may give: addresses, or candidates where it knows more about them */
export type Found = Multiaddr | Candidate

/**
 * Finds addresses. A function that returns an array is asked again for every list, and its answer replaces the one before. A
 * function that returns a promise of an array, or an async iterable, is asked once a dial, and its answer is kept. `above` is
 * the list above at the moment of the question.
 */
export type FindAddresses = (dial: Dial, components: DialComponents, above: readonly Candidate[]) => readonly Found[] | Promise<readonly Found[]> | AsyncIterable<Found>

export interface SourceOptions {
  /**
   * When it begins: at once, when the list above is complete and empty, or when that is complete and wholly spent
   *
   * @default 'always'
   */
  when?: 'always' | 'empty' | 'exhausted'
  /** The provenance of the multiaddrs it finds. Default: the stage's name */
  provenance?: string
  /**
   * How many addresses it may add to one dial. Of an answer, four times as many are read, copies included; the rest is not
   *
   * @default 256
   */
  limit?: number
}

/** How many items of an answer are read for each address that may be added: answers of several peers name the same ones */
const READS_PER_ADDRESS = 4

/**
 * A stage that adds addresses to the list from above. What the list already has is not added twice: the provenance of
 * both is merged. A source that throws or rejects is logged, and what stands above it goes on.
 *
 * @throws InvalidPipelineError for a limit that is no whole number
 */
export function source<const N extends string> (name: N, find: FindAddresses, options: SourceOptions = {}): StageInit<'target' | 'candidates', 'candidates', N> {
  const { when = 'always', provenance = name, limit = 256 } = options

  // any other would be no limit
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new InvalidPipelineError(`source("${name}") needs a whole number of addresses as limit, not ${describeValue(limit)}`)
  }

  return check(named(name, ['target', 'candidates'], 'candidates', components => stepwise((dial, wake) => {
    const work = new Work(wake)
    const own = new Map<string, Candidate>()
    /** All that it ever added: one that answers anew each time it is asked would go on for ever */
    const added = new Set<string>()
    const merged = new Map<string, { above: Candidate, own: Candidate, both: Candidate }>()
    let begun = false

    function add (found: Found): void {
      const one = fromFound(found)
      const known = own.get(one.id)

      if (known != null) {
        own.set(one.id, merge(known, one))
      } else if (isTooLong(one)) {
        dial.verdict(abbreviated(one), TOO_LONG)
      } else if (added.has(one.id) || added.size < limit) {
        added.add(one.id)
        own.set(one.id, one)
      }
    }

    function fromFound (found: Found): Candidate {
      if (isMultiaddr(found)) {
        return toCandidate(found, dial.target.peerId, { provenance: [{ source: provenance }] })
      }

      if (!isCandidate(found)) {
        throw new InvalidStageOutputError(name, `found ${describeValue(found)}, which is neither a multiaddr nor a candidate`)
      }

      return found
    }

    async function collect (found: AsyncIterable<unknown>): Promise<void> {
      let reads = 0

      try {
        for await (const one of abortable(found, dial.signal)) {
          add(one as Found)

          if (added.size >= limit || ++reads >= limit * READS_PER_ADDRESS) {
            dial.log('stopped reading at the limit of %d addresses', limit)
            return
          }

          tick(work)
        }
      } catch (err) {
        outlive(err)
      }
    }

    async function collectAll (found: PromiseLike<unknown>): Promise<void> {
      try {
        replace(await settledOrAborted(found, dial.signal))
      } catch (err) {
        outlive(err)
      }
    }

    function replace (found: unknown): void {
      if (!Array.isArray(found)) {
        throw new InvalidStageOutputError(name, `found ${describeValue(found)}: a source finds an array, a promise of one, or an async iterable`)
      }

      const before = new Map(own)
      own.clear()

      try {
        found.slice(0, limit * READS_PER_ADDRESS).forEach(add)
      } catch (err) {
        ignoreRejections(found)
        throw err
      }

      for (const [id, one] of own) {
        const known = before.get(id)
        own.set(id, known != null && saysTheSame(known, one) ? known : one)
      }
    }

    function ask (above: readonly Candidate[]): void {
      try {
        const found = find(dial, components, above)

        if (isAsyncIterable(found)) {
          begun = true
          work.add(collect(found))
        } else if (isThenable(found)) {
          begun = true
          work.add(collectAll(found))
        } else {
          replace(found)
        }
      } catch (err) {
        outlive(err)
      }
    }

    function outlive (err: unknown): void {
      if (isPipelineFault(err) || dial.signal.aborted) {
        throw err
      }

      dial.log.error('failed - %e', toError(err))
    }

    function next (input: Target | List): List {
      const above = input.kind === 'target' ? emptyList(input) : input

      if (!begun && isDue(when, above, dial)) {
        ask(above.candidates)
      }

      return {
        ...above,
        candidates: own.size === 0 ? above.candidates : union(above.candidates),
        complete: above.complete && work.pending === 0
      }
    }

    function union (above: readonly Candidate[]): Candidate[] {
      const rest = new Map(own)
      const both = above.map(one => {
        const mine = rest.get(one.id)

        if (mine == null) {
          return one
        }

        rest.delete(one.id)
        return mergeOnce(one, mine)
      })

      return [...both, ...rest.values()]
    }

    // a candidate stays the same object as long as it says the same
    function mergeOnce (above: Candidate, mine: Candidate): Candidate {
      let memo = merged.get(above.id)

      if (memo?.above !== above || memo.own !== mine) {
        memo = { above, own: mine, both: merge(above, mine) }
        merged.set(above.id, memo)
      }

      return memo.both
    }

    return { work, next }
  })))
}

/** The list that a target begins with */
export function emptyList (target: Target): List {
  return { kind: 'candidates', candidates: [], complete: true, revision: target.revision }
}

function isDue (when: 'always' | 'empty' | 'exhausted', list: List, dial: Dial): boolean {
  switch (when) {
    case 'always': return true
    case 'empty': return list.complete && list.candidates.length === 0
    // a connection in hand is no reason to look for more
    case 'exhausted': return list.complete && list.candidates.every(one => dial.spent(one)) && !dial.outcomes.some(({ status }) => status === 'connected')
  }
}
