import { checkArguments } from '../check-options.ts'
import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { HELPER_OPTIONS, checkHelper, listStage, memoise, proveAll } from './list-stage.ts'
import type { Candidate, Dial, Stage } from '../types.ts'
import type { ProofFilter, HelperOptions } from './list-stage.ts'

/** Compares two candidates. Below 0: `a` is preferred. libp2p's `AddressSorter` functions fit as they are */
export type Compare = (a: Candidate, b: Candidate, dial: Dial) => number

/**
 * Creates a stage that sorts the list. The first comparator decides, and the next one breaks its ties. Candidates that tie in all of them keep
 * the order from above. The last argument may name the dial options that the comparators read:
 * `rank('by-tier', byTier, { options: ['tier'] })`.
 *
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a comparator that is not a function, and an unknown or wrong option
 */
export function rank<const N extends string> (name: N, ...compare: readonly [Compare, ...Compare[]] | readonly [Compare, ...Compare[], HelperOptions]): Stage<'candidates', 'candidates', N> {
  const last = compare.at(-1)
  const init = typeof last === 'object' && compare.length > 1 ? last : {}
  const comparators = compare.filter(one => one !== init)
  // without a comparator, undefined is checked and refused
  checkHelper('rank', name, [comparators[0], ...comparators], init, HELPER_OPTIONS)
  const checked = comparators.map(one => checkedCompare(name, one as Compare))

  function compareAll (a: Candidate, b: Candidate, dial: Dial): number {
    for (const one of checked) {
      const answer = one(a, b, dial)

      if (answer !== 0) {
        return answer
      }
    }

    return 0
  }

  return listStage(name, dial => ({ candidates }) => candidates.toSorted((a, b) => compareAll(a, b, dial)), { ...init, role: 'rank', compare: compareAll, asks: proveAll })
}

/** Returns the comparator with a check that names the stage when the answer is not a number */
export function checkedCompare (stage: string, compare: Compare): Compare {
  return (a, b, dial) => {
    const answer = compare(a, b, dial)

    if (typeof answer !== 'number' || Number.isNaN(answer)) {
      throw new InvalidStageOutputError(stage, `compared ${a.id} to ${b.id} as ${describeValue(answer)}: a comparator answers a number`)
    }

    return answer
  }
}

/**
 * Creates a stage that sorts the list by a score, lowest first. Candidates with the score `undefined` come last, and equal ones keep the order
 * from above. `score` is called once for each candidate object in a run: use `rank` for a metric that changes during the dial.
 *
 * ```ts
 * rankBy('by-port', ({ multiaddr }) => multiaddr.getComponents().some(({ value }) => value === '443') ? 0 : 1)
 * ```
 *
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a `score` that is not a function, and an unknown or wrong option
 */
export function rankBy<const N extends string> (name: N, score: (candidate: Candidate, dial: Dial) => number | undefined, init: HelperOptions = {}): Stage<'candidates', 'candidates', N> {
  checkArguments('rankBy()', arguments, 3)
  checkHelper('rankBy', name, [score], init, HELPER_OPTIONS)

  return makeRankBy(name, score, init, proveAll)
}

/** `rankBy()` for stages of this package: `asks` selects the candidates whose signature matters */
export function makeRankBy<const N extends string> (name: N, score: (candidate: Candidate, dial: Dial) => number | undefined, init: HelperOptions = {}, asks?: ProofFilter): Stage<'candidates', 'candidates', N> {
  return listStage(name, dial => {
    const scoreOf = memoise(candidate => {
      const answer: unknown = score(candidate, dial)
      const scored = answer === undefined ? Infinity : answer

      if (typeof scored !== 'number' || Number.isNaN(scored)) {
        ignoreRejections(scored)
        throw new InvalidStageOutputError(name, `scored ${candidate.id} ${describeValue(scored)}: a score is a number, or undefined`)
      }

      return scored
    })

    // no subtraction: Infinity − Infinity is NaN
    return ({ candidates }) => candidates.toSorted((a, b) => Number(scoreOf(a) > scoreOf(b)) - Number(scoreOf(a) < scoreOf(b)))
  }, { ...init, role: 'rank', isPure: true, asks })
}
