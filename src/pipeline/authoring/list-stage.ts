import { checkOptions, checkValue } from '../check-options.ts'
import { HIDDEN_OPTIONS } from '../dial-options.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError } from '../errors.ts'
import { BOOLEAN, FUNCTION, NAME, STAGE_NAME, listOf } from '../option-kinds.ts'
import { makeStage } from '../runtime/make-stage.ts'
import { claimOf, withVerifiedClaim } from '../candidate.ts'
import { askOnce, isThenable } from '../foreign-promises.ts'
import type { OptionKinds } from '../check-options.ts'
import type { OptionKind } from '../option-kinds.ts'
import type { ListPlan } from '../runtime/make-stage.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Stage, List } from '../types.ts'
import type { CertifiedAddresses } from '../candidate.ts'
import type { StageDial } from '../runtime/stage-dial.ts'

interface ListStageParts extends Partial<Omit<ListPlan, 'kind' | 'begin'>> {
  options?: readonly string[]
  /** Selects the candidates whose signature matters to the stage. Default: none */
  asks?: ProofFilter
}

/** Creates a list stage. A stage of this package sees more of the dial, and its answers are not checked */
export function listStage<const N extends string> (name: N, begin: ListPlan['begin'], { options, asks, ...plan }: ListStageParts = {}): Stage<'candidates', 'candidates', N> {
  return makeStage({ name, accepts: ['candidates'], yields: 'candidates', options }, { kind: 'list', forRelays: 'own', isTrusted: true, ...plan, begin: asks == null ? begin : withProofs(asks, begin) })
}

/** Returns whether the dial of a relay inherits a filter, by the filter's option `forRelays` */
export function inheritedUnless (forRelays: boolean | undefined): 'inherited' | 'none' {
  return forRelays === false ? 'none' : 'inherited'
}

/** Returns the function with its answers cached for each candidate object */
export function memoise<T> (fn: (candidate: Candidate) => T): (candidate: Candidate) => T {
  const answers = new Map<Candidate, T>()

  return candidate => {
    const answer = answers.get(candidate) ?? fn(candidate)
    answers.set(candidate, answer)

    return answer
  }
}

/**
 * Returns the candidates for which `reasonOf` gives no reason, and drops the others with theirs
 *
 * @param how `crowdOut` for a stage that drops candidates because others are in the list
 */
export function keepUnless (candidates: readonly Candidate[], work: StageWork, reasonOf: (candidate: Candidate) => string | undefined, how: 'drop' | 'crowdOut' = 'drop'): Candidate[] {
  return candidates.filter(candidate => {
    const reason = reasonOf(candidate)

    if (reason != null) {
      work[how](candidate, reason)
    }

    return reason == null
  })
}

/** Options of the authoring helpers */
export interface HelperOptions {
  /** The names of the dial options that the stage reads. Dials whose values differ do not share a run. Default: only libp2p's options are read */
  options?: readonly string[] | undefined
}

export interface FilterOptions extends HelperOptions {
  /**
   * Whether the stage judges the addresses of a relay, when the relay is dialled for another dial. `false`: the relay's dial does not inherit
   * the stage, and skips it in the node's own pipeline. A dial of the relay for itself goes through the stage
   *
   * @default true
   */
  forRelays?: boolean | undefined
}

const OPTION_NAME: OptionKind = { ...NAME, test: value => NAME.test(value) && !HIDDEN_OPTIONS.has(value as string) }

export const HELPER_OPTIONS = { options: listOf(`names other than ${[...HIDDEN_OPTIONS].map(String).join(', ')}`, OPTION_NAME) }

export const FILTER_OPTIONS = { ...HELPER_OPTIONS, forRelays: BOOLEAN }

/**
 * Checks the arguments of an authoring helper: the stage's name, its functions and its options
 *
 * @throws InvalidPipelineError for a name that is empty or has a /, a function that is not one, and an unknown or wrong option
 */
export function checkHelper<T extends object> (owner: string, name: string, functions: readonly unknown[], init: T, kinds: OptionKinds<T>): void {
  checkValue(`${owner}()`, name, { ...STAGE_NAME, advise: value => typeof value === 'function' ? `${owner}('…', …)` : undefined })
  functions.forEach(fn => { checkValue(`${owner}("${name}")`, fn, FUNCTION) })
  checkOptions(`${owner}("${name}")`, init, kinds)
}

/**
 * Returns the predicate with a check of its answers: a promise is truthy, so that an async predicate would be true for every candidate
 *
 * @param owns words between the stage's name and the answer in the error
 * @throws InvalidStageOutputError, from the returned function, for an answer that is neither true nor false
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

export type ProofFilter = (candidate: Candidate, dial: StageDial) => boolean

/** Selects all candidates: a function of the user may look at the signature of any */
export const proveAll: ProofFilter = () => true

/**
 * Has claims of a signature verified before the stage sees them. While a proof is pending the list is incomplete, and its candidate and those
 * that arrived with it are held: otherwise the race would dial them before the stage has compared all of them
 */
function withProofs (asks: ProofFilter, begin: ListPlan['begin']): ListPlan['begin'] {
  return (dial, work, state) => {
    const answer = begin(dial, work, state)
    const isAsked = (candidate: Candidate): boolean => claimOf(candidate) != null && asks(candidate, dial)
    let provedOf: ReturnType<typeof makeProver> | undefined
    let seen: readonly Candidate[] = []

    function prove (list: List): List {
      if (!list.candidates.some(isAsked)) {
        return list
      }

      const proved = (provedOf ??= makeProver(work))
      const candidates = list.candidates.map(one => isAsked(one) ? proved(one) : one)

      return candidates.every(one => one != null) ? { ...list, candidates } : { ...list, candidates: onlySeen(list, candidates, seen), complete: false }
    }

    return list => {
      const proved = prove(list)
      seen = proved.candidates

      return answer(proved)
    }
  }
}

/** Returns the candidates that the stage has seen before, proved ones in their new form */
function onlySeen ({ candidates }: List, proved: ReadonlyArray<Candidate | undefined>, seen: readonly Candidate[]): Candidate[] {
  const byId = new Map(seen.map(one => [one.id, one]))

  return candidates.flatMap(({ id }, i) => byId.has(id) ? proved[i] ?? byId.get(id) ?? [] : [])
}

/** Returns what the stage sees in place of each candidate with a claim, in one run. Undefined: the proof is pending */
function makeProver (work: StageWork): (candidate: Candidate) => Candidate | undefined {
  function settle (candidate: Candidate, proof: CertifiedAddresses | undefined): Candidate {
    const one = withVerifiedClaim(candidate, proof)
    // the trace shows the verified candidate
    work.part.host.story.of(one)

    return one
  }

  return askOnce<Candidate>(work, {
    ask: candidate => {
      const proof = claimOf(candidate)?.prove()

      return isThenable(proof) ? proof.then(one => settle(candidate, one)) : settle(candidate, proof)
    },
    check: () => {},
    onFailure: (_candidate, thrown) => { throw thrown }
  })
}
