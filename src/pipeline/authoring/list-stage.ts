import { checkOptions, checkValue } from '../check-options.ts'
import { HIDDEN_OPTIONS } from '../declared-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { BOOLEAN, FUNCTION, NAME, listOf } from '../option-kinds.ts'
import { provedFor } from './proofs.ts'
import { makeStage } from '../runtime/make-stage.ts'
import type { OptionKinds } from '../check-options.ts'
import type { Asks } from './proofs.ts'
import type { OptionKind } from '../option-kinds.ts'
import type { ListPlan } from '../runtime/plan.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Stage } from '../types.ts'

interface ListStageParts extends Partial<Omit<ListPlan, 'kind' | 'begin' | 'isTrusted'>> {
  options?: readonly string[]
  /** Default: none: the stage does not look at who named an address */
  asks?: Asks
}

/** A list stage of this package: it checks what it answers, and sees more of the dial */
export function listStage<const N extends string> (name: N, begin: ListPlan['begin'], { options, asks, ...plan }: ListStageParts = {}): Stage<'candidates', 'candidates', N> {
  return makeStage({ name, accepts: ['candidates'], yields: 'candidates', options }, { kind: 'list', forRelays: 'own', ...plan, begin: asks == null ? begin : provedFor(asks, begin), isTrusted: true })
}

/** How a stage counts for relays that drops, by the option of its factory */
export function inheritedUnless (forRelays: boolean | undefined): 'inherited' | 'none' {
  return forRelays === false ? 'none' : 'inherited'
}

/** Returns the same function, which is asked once for each candidate object */
export function memoised<T> (fn: (candidate: Candidate) => T): (candidate: Candidate) => T {
  const answers = new Map<Candidate, T>()

  return candidate => {
    const known = answers.get(candidate)

    if (known !== undefined) {
      return known
    }

    const answer = fn(candidate)
    answers.set(candidate, answer)

    return answer
  }
}

type ReasonOf = (candidate: Candidate) => string | undefined

/** Keeps the candidates that nothing speaks against, and drops the others for the reason */
export function keepUnless (candidates: readonly Candidate[], work: StageWork, reasonOf: ReasonOf): Candidate[] {
  return keep(candidates, reasonOf, (candidate, reason) => { work.drop(candidate, reason) })
}

/** The same for a stage that drops some because others are there */
export function keepWhereRoom (candidates: readonly Candidate[], work: StageWork, reasonOf: ReasonOf): Candidate[] {
  return keep(candidates, reasonOf, (candidate, reason) => { work.crowdOut(candidate, reason) })
}

function keep (candidates: readonly Candidate[], reasonOf: ReasonOf, drop: (candidate: Candidate, reason: string) => void): Candidate[] {
  return candidates.filter(candidate => {
    const reason = reasonOf(candidate)

    if (reason != null) {
      drop(candidate, reason)
    }

    return reason == null
  })
}

/** What the authoring helpers take beside their function */
export interface HelperOptions {
  /** The names of the dial options that the stage reads. Dials that differ in one of them are two dials. Default: none but libp2p's */
  options?: readonly string[]
}

export interface FilterOptions extends HelperOptions {
  /**
   * Whether the addresses of a relay have to pass the stage too, when the relay is dialled on behalf of another dial. False: that dial
   * does not inherit the stage, and goes by it where it stands in the node's own pipeline
   *
   * @default true
   */
  forRelays?: boolean
}

const OPTION_NAME: OptionKind = { ...NAME, test: value => NAME.test(value) && !HIDDEN_OPTIONS.has(value as string) }

export const HELPER_OPTIONS = { options: listOf(`names other than ${[...HIDDEN_OPTIONS].map(String).join(', ')}`, OPTION_NAME) }

export const FILTER_OPTIONS = { ...HELPER_OPTIONS, forRelays: BOOLEAN }

/**
 * Checks what the authoring helpers take: the name of a stage, its functions, and its options
 *
 * @param owner the name of the helper
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function checkHelper<T extends object> (owner: string, name: string, functions: readonly unknown[], init: T, kinds: OptionKinds<T>): void {
  checkValue(`${owner}()`, name, { ...NAME, advise: value => typeof value === 'function' ? `${owner}('…', …)` : undefined })
  functions.forEach(fn => { checkValue(`${owner}("${name}")`, fn, FUNCTION) })
  checkOptions(`${owner}("${name}")`, init, kinds)
}

/**
 * A predicate that names its stage when it answers neither true nor false: a promise is truthy, and a policy would hold for everybody
 *
 * @param owns how the stage comes to the predicate
 */
export function checkedPredicate<A extends readonly unknown[]> (stage: string, predicate: (...args: A) => boolean, owns = 'has a predicate that'): (...args: A) => boolean {
  return (...args) => {
    const answer = predicate(...args)

    if (typeof answer !== 'boolean') {
      throw new InvalidStageOutputError(stage, `${owns} answered ${describeValue(answer)}: a predicate answers true or false`)
    }

    return answer
  }
}
