import { FILTER_OPTIONS, checkHelper, inheritedUnless, listStage, proveAll } from './list-stage.ts'
import { withoutFalseClaims, MergedOnce, TOO_LONG, abbreviate, isCandidate, isOversized } from '../candidate.ts'
import { checkArguments } from '../check-options.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { isAsync, isAsyncIterable, isThenable, settledOrAborted } from '../foreign-promises.ts'
import { takeAll } from '../runtime/answers.ts'
import type { FilterOptions, ProofFilter } from './list-stage.ts'
import type { Taker } from '../runtime/answers.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial, Stage, Work } from '../types.ts'

/**
 * Returns the candidates that replace a candidate. An array with the candidate itself keeps it, an empty array drops it. The candidates of
 * an async iterable join the list as they arrive. `work.drop()` records why a candidate is dropped
 */
export type ExpandCandidate = (candidate: Candidate, dial: Dial, work: Work) => readonly Candidate[] | Promise<readonly Candidate[]> | AsyncIterable<Candidate>

/** The maximum number of candidates that a stage reads in one run, over all answers, duplicates included */
const MAX_READS = 1_024

/**
 * Creates a stage that replaces candidates by others, as `resolve()` replaces a name by its IP addresses. `fn` is called once for each
 * candidate object; slow answers are awaited concurrently. If an answer throws or rejects, the candidates that it gave before stay. Without
 * any, the candidate is dropped, with the error as the reason and in the log.
 *
 * @param init.options the names of the dial options that `fn` reads
 * @param init.forRelays whether the dial of a relay on the way inherits the stage. Default: true
 * @throws InvalidPipelineError for a name that is empty or has a `/`, an `fn` that is not a function, and an unknown or wrong option
 */
export function expand<const N extends string> (name: N, fn: ExpandCandidate, init: FilterOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('expand()', arguments, 3)
  checkHelper('expand', name, [fn], init, FILTER_OPTIONS)

  return makeExpand(name, () => fn, { ...init, isSlow: isAsync(fn) }, proveAll)
}

/**
 * `expand()` for stages of this package: `begin` runs once a run and sees more of the dial, and `asks` selects the candidates whose signature
 * matters
 *
 * @param init.isSlow whether other peers or services are asked. Default: true
 */
export function makeExpand<const N extends string> (name: N, begin: (dial: StageDial, work: StageWork) => ExpandCandidate, init: FilterOptions & { isSlow?: boolean } = {}, asks?: ProofFilter): Stage<'candidates', 'candidates', N> {
  return listStage(name, (dial, work) => {
    const expansions = new Expansions(begin(dial, work), work)

    return ({ candidates }) => candidates.every(expansions.isSame) ? candidates : expansions.all(candidates)
  }, { role: 'expand', options: init.options, isPure: true, isSlow: init.isSlow ?? true, forRelays: inheritedUnless(init.forRelays), asks })
}

/** The replacements of each candidate in one run of the stage */
class Expansions {
  readonly #fn: ExpandCandidate
  readonly #work: StageWork
  readonly #results = new Map<Candidate, Candidate[]>()
  #merged?: MergedOnce
  #reads = 0

  constructor (fn: ExpandCandidate, work: StageWork) {
    this.#fn = fn
    this.#work = work
  }

  /** Returns whether a candidate is its own only replacement */
  readonly isSame = (candidate: Candidate): boolean => {
    const into = this.#of(candidate)

    return into.length === 1 && into[0] === candidate
  }

  /** Returns the replacements of all candidates, deduplicated by address */
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
      const answer: unknown = this.#fn(candidate, this.#work, this.#work)

      if (isAsyncIterable(answer) || isThenable(answer)) {
        const all = isAsyncIterable(answer)
          ? takeAll(answer, this.#work, this.#takerFor(candidate, into))
          : settledOrAborted(answer, this.#work.signal).then(some => { this.#add(candidate, some, into) })
        this.#work.add(all.then(() => { this.#settle(candidate, into) }).catch((err: unknown) => { this.#fail(candidate, into, err) }))
      } else {
        this.#add(candidate, answer, into)
        this.#settle(candidate, into)
        // keeps a copy: the array has spare capacity from push(), and nothing more is added
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
          throw this.#invalidResult(candidate, one)
        }

        return one
      },
      isFull: count => count + this.#reads >= MAX_READS,
      take: some => this.#add(candidate, some, into)
    }
  }

  /** Adds replacements, and returns whether more may be read. A candidate that stays as it is does not count towards `MAX_READS` */
  #add (candidate: Candidate, answer: unknown, into: Candidate[]): boolean {
    if (!Array.isArray(answer) || !answer.every(isCandidate)) {
      ignoreRejections(answer)
      throw this.#invalidResult(candidate, answer)
    }

    let isFull = false

    for (const one of answer) {
      const stays = one === candidate && !into.includes(one)
      isFull = !stays && this.#reads++ >= MAX_READS

      if (isFull) {
        this.#work.log('stopped reading at the limit of %d candidates', MAX_READS)
        break
      }

      if (isOversized(one.multiaddr)) {
        this.#work.drop(abbreviate(one), TOO_LONG)
        continue
      }

      if (!stays) {
        this.#work.found(one)
      }

      into.push(withoutFalseClaims(one, candidate))
    }

    if (into.length > 1 || (into.length === 1 && into[0] !== candidate)) {
      this.#work.became(candidate, into)
    } else if (isFull && into.length === 0) {
      this.#work.crowdOut(candidate, `${this.#work.stage} gave more than the ${MAX_READS} candidates of a dial`)
    }

    return !isFull
  }

  #settle (candidate: Candidate, into: readonly Candidate[]): void {
    if (into.length === 0 && this.#work.drops?.has(candidate.id) !== true) {
      this.#work.drop(candidate, 'nothing stands for it')
    }
  }

  #fail (candidate: Candidate, into: readonly Candidate[], thrown: unknown): void {
    const error = this.#work.logFailure(thrown, 'failed for %s', candidate.id)

    if (into.length === 0) {
      this.#work.drop(candidate, `${this.#work.stage} failed: ${error.message}`, error)
    }
  }

  #invalidResult (candidate: Candidate, what: unknown): Error {
    return new InvalidStageOutputError(this.#work.stage, `answered ${describeValue(what)} for ${candidate.id}: candidates are expected, made with candidate()`)
  }
}
