import { FILTER_OPTIONS, checkHelper, inheritedUnless, listStage } from './list-stage.ts'
import { withoutFalseClaims, MergedOnce, TOO_LONG, abbreviated, isCandidate, isTooLong } from '../candidate.ts'
import { checkArguments } from '../check-options.ts'
import { asksAll } from './proofs.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isAsyncIterable, isThenable, settledOrAborted } from '../foreign-promises.ts'
import { takeAll } from '../runtime/abortable.ts'
import type { FilterOptions } from './list-stage.ts'
import type { Taker } from '../runtime/abortable.ts'
import type { Asks } from './proofs.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial, Stage, Work } from '../types.ts'

/**
 * What stands for a candidate from here on, at once or later: an array with itself leaves it as it is, an empty one drops
 * it, and what comes as an async iterable flows as it comes. `work.drop()` says why nothing stands for it
 */
export type ExpandCandidate = (candidate: Candidate, dial: Dial, work: Work) => readonly Candidate[] | Promise<readonly Candidate[]> | AsyncIterable<Candidate>

/** How many candidates a stage reads of all its answers in one run, copies included */
const MAX_READS = 1_024

/**
 * A stage that makes many addresses of one. It is asked once per candidate object, and concurrently. A candidate whose answer
 * throws or rejects keeps what it has become, or is dropped, with the error as the reason and in the log.
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function expand<const N extends string> (name: N, fn: ExpandCandidate, init: FilterOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('expand()', arguments, 3)
  checkHelper('expand', name, [fn], init, FILTER_OPTIONS)

  return expanding(name, () => fn, init, asksAll)
}

/** The same for stages of this package, which see more of the dial, keep something for one run, and say whether they ask who signed an address */
export function expanding<const N extends string> (name: N, begin: (dial: StageDial, work: StageWork) => ExpandCandidate, init: FilterOptions = {}, asks?: Asks): Stage<'candidates', 'candidates', N> {
  return listStage(name, (dial, work) => {
    const expansions = new Expansions(begin(dial, work), dial, work)

    return ({ candidates }) => candidates.every(expansions.isSame) ? candidates : expansions.all(candidates)
  }, { role: 'expand', options: init.options, isPure: true, forRelays: inheritedUnless(init.forRelays), asks })
}

/** What has become of each candidate in one run of the stage */
class Expansions {
  readonly #fn: ExpandCandidate
  readonly #dial: StageDial
  readonly #work: StageWork
  readonly #results = new Map<Candidate, Candidate[]>()
  #merged?: MergedOnce
  #reads = 0

  constructor (fn: ExpandCandidate, dial: StageDial, work: StageWork) {
    this.#fn = fn
    this.#dial = dial
    this.#work = work
  }

  /** Whether nothing but itself stands for a candidate */
  readonly isSame = (candidate: Candidate): boolean => {
    const into = this.#of(candidate)

    return into.length === 1 && into[0] === candidate
  }

  /** What stands for several candidates, each address once */
  all (candidates: readonly Candidate[]): Candidate[] {
    const all = new Map<string, Candidate>()
    const merged = (this.#merged ??= new MergedOnce())

    for (const one of candidates.flatMap(candidate => this.#of(candidate))) {
      const known = all.get(one.id)
      all.set(one.id, known == null || known === one ? one : merged.merge(known, one))
    }

    return [...all.values()]
  }

  #of (candidate: Candidate): readonly Candidate[] {
    const known = this.#results.get(candidate)

    if (known != null) {
      return known
    }

    const into: Candidate[] = []
    this.#results.set(candidate, into)

    try {
      const answer: unknown = this.#fn(candidate, this.#dial, this.#work)

      if (isAsyncIterable(answer) || isThenable(answer)) {
        const all = isAsyncIterable(answer)
          ? takeAll(answer, this.#dial, this.#work, this.#takerFor(candidate, into))
          : settledOrAborted(answer, this.#dial.signal).then(some => { this.#add(candidate, some, into) })
        this.#work.add(all.then(() => { this.#settle(candidate, into) }).catch((err: unknown) => { this.#fail(candidate, into, err) }))
      } else {
        this.#add(candidate, answer, into)
        this.#settle(candidate, into)
        // nothing more comes: without the room that push() has made for it
        this.#results.set(candidate, into.slice())
      }
    } catch (err) {
      this.#fail(candidate, into, err)
    }

    return into
  }

  #takerFor (candidate: Candidate, into: Candidate[]): Taker<Candidate> {
    return {
      read: one => {
        if (!isCandidate(one)) {
          throw this.#nonsense(candidate, one)
        }

        return one
      },
      isFull: count => count + this.#reads >= MAX_READS,
      take: some => this.#add(candidate, some, into)
    }
  }

  /** Answers whether more may be read. A candidate that stays what it is costs nothing, once */
  #add (candidate: Candidate, answer: unknown, into: Candidate[]): boolean {
    if (!Array.isArray(answer) || !answer.every(isCandidate)) {
      ignoreRejections(answer)
      throw this.#nonsense(candidate, answer)
    }

    for (const one of answer) {
      const stays = one === candidate && !into.includes(one)

      if (!stays && this.#reads++ >= MAX_READS) {
        if (into.length === 0) {
          this.#work.crowdOut(candidate, `${this.#dial.stage} gave more than the ${MAX_READS} candidates of a dial`)
        }

        this.#dial.log('stopped reading at the limit of %d candidates', MAX_READS)

        return false
      }

      if (isTooLong(one)) {
        this.#work.drop(abbreviated(one), TOO_LONG)
        continue
      }

      if (!stays) {
        this.#work.found(one)
      }

      into.push(withoutFalseClaims(one, candidate))
    }

    if (into.length > 1 || (into.length === 1 && into[0] !== candidate)) {
      this.#work.became(candidate, into)
    }

    return true
  }

  #settle (candidate: Candidate, into: readonly Candidate[]): void {
    if (into.length === 0 && this.#work.drops?.has(candidate.id) !== true) {
      this.#work.drop(candidate, 'nothing stands for it')
    }
  }

  #fail (candidate: Candidate, into: readonly Candidate[], thrown: unknown): void {
    const error = this.#dial.outlive(thrown, 'failed for %s', candidate.id)

    if (into.length === 0) {
      this.#work.drop(candidate, `${this.#dial.stage} failed: ${error.message}`, error)
    }
  }

  #nonsense (candidate: Candidate, what: unknown): Error {
    return new InvalidStageOutputError(this.#dial.stage, `answered ${describeValue(what)} for ${candidate.id}: candidates are expected, made with candidate()`)
  }
}
