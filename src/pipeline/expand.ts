import { abortable } from './abortable.ts'
import { abbreviated, isCandidate, isTooLong, TOO_LONG, merge } from './candidate.ts'
import { checkHelper } from './check-helper.ts'
import { checkOptions } from './check-options.ts'
import { asPolicy } from './dial-policy.ts'
import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError, isPipelineFault, toError } from './errors.ts'
import { withoutFalseClaims } from './false-claim.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { oneByOne } from './one-by-one.ts'
import { Work } from './react.ts'
import { stepwise } from './stepwise.ts'
import { FILTER_OPTIONS } from './stage-options.ts'
import type { FilterOptions } from './stage-options.ts'
import type { AnyStageInit, Candidate, Dial, DialComponents, List, StageInit } from './types.ts'

/**
 * What stands for a candidate from here on, at once or later: an array with itself leaves it as it is, an empty one drops
 * it, and what comes as an async iterable flows as it comes
 */
export type ExpandCandidate = (candidate: Candidate, dial: Dial, components: DialComponents) => readonly Candidate[] | Promise<readonly Candidate[]> | AsyncIterable<Candidate>

/** How many candidates a stage reads of all its answers in one dial, copies included */
const MAX_READS = 1_024

/**
 * A stage that makes many addresses of one. It is asked once per candidate object, and concurrently. A candidate whose answer
 * throws or rejects keeps what it has become, or is dropped, with the error as the reason and in the log.
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function expand<const N extends string> (name: N, fn: ExpandCandidate, init: FilterOptions = {}): StageInit<'candidates', 'candidates', N> {
  checkHelper('expand', name, fn)
  checkOptions(`expand("${name}")`, init, FILTER_OPTIONS)
  const { options, forRelays } = init

  return asPolicy(check(named(name, ['candidates'], 'candidates', components => stepwise((dial, wake) => {
    const work = new Work(wake)
    const results = new Map<Candidate, readonly Candidate[]>()
    const merged = new WeakMap<Candidate, WeakMap<Candidate, Candidate>>()
    let reads = 0

    /** Whether one more may be read. A candidate that stays what it is costs nothing, once */
    function keep (candidate: Candidate, into: Candidate[], one: Candidate): boolean {
      const stays = one === candidate && !into.includes(one)

      if (!stays && reads++ >= MAX_READS) {
        if (into.length === 0) {
          dial.verdict(candidate, `${name} gave more than the ${MAX_READS} candidates of a dial`)
        }

        dial.log('stopped reading at the limit of %d candidates', MAX_READS)
        return false
      }

      if (isTooLong(one)) {
        dial.verdict(abbreviated(one), TOO_LONG)
      } else {
        into.push(withoutFalseClaims(one, candidate))
      }

      return true
    }

    function fail (candidate: Candidate, thrown: unknown): void {
      if (isPipelineFault(thrown) || dial.signal.aborted) {
        throw thrown
      }

      const error = toError(thrown)
      dial.log.error('failed for %s - %e', candidate.id, error)
      dial.verdict(candidate, `${name} failed: ${error.message}`, error)
    }

    function settle (candidate: Candidate, into: readonly Candidate[]): void {
      if (into.length === 0 && !dial.spent(candidate)) {
        dial.verdict(candidate, 'nothing stands for it')
      } else if (into.length > 1 || into[0] !== candidate) {
        dial.expanded(candidate, into)
      }
    }

    async function collect (candidate: Candidate, answer: unknown, into: Candidate[]): Promise<void> {
      try {
        for await (const one of abortable(oneByOne(answer, what => nonsense(candidate, what)), dial.signal)) {
          if (!keep(candidate, into, one)) {
            return
          }

          work.changed()
        }

        settle(candidate, into)
      } catch (err) {
        fail(candidate, err)
      }
    }

    function resultOf (candidate: Candidate): readonly Candidate[] {
      const known = results.get(candidate)

      if (known != null) {
        return known
      }

      const into: Candidate[] = []
      results.set(candidate, into)

      try {
        const answer = fn(candidate, dial, components)

        if (!Array.isArray(answer)) {
          work.add(collect(candidate, answer, into))
          return []
        }

        if (!answer.every(isCandidate)) {
          throw nonsense(candidate, answer)
        }

        if (answer.every(one => keep(candidate, into, one))) {
          settle(candidate, into)
        }
      } catch (err) {
        fail(candidate, err)
      }

      return into
    }

    function nonsense (candidate: Candidate, what: unknown): Error {
      return new InvalidStageOutputError(name, `answered ${describeValue(what)} for ${candidate.id}: candidates are expected, made with candidate()`)
    }

    // a candidate stays the same object as long as it says the same
    function mergeOnce (first: Candidate, second: Candidate): Candidate {
      const memo = merged.get(first) ?? new WeakMap<Candidate, Candidate>()
      const both = memo.get(second) ?? merge(first, second)
      merged.set(first, memo.set(second, both))

      return both
    }

    function next (list: List): List {
      const candidates = new Map<string, Candidate>()
      const entries = new Map<string, readonly AnyStageInit[]>()

      for (const candidate of list.candidates) {
        const above = list.entries?.get(candidate.id)

        for (const one of resultOf(candidate)) {
          const known = candidates.get(one.id)
          candidates.set(one.id, known == null || known === one ? one : mergeOnce(known, one))

          // the lowest source of several
          if (above != null && above.length > (entries.get(one.id)?.length ?? 0)) {
            entries.set(one.id, above)
          }
        }
      }

      return { ...list, candidates: [...candidates.values()], complete: list.complete && work.pending === 0, ...list.entries == null ? {} : { entries } }
    }

    return { work, next }
  }), options)), forRelays)
}
