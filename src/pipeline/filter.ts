import { checkHelper } from './check-helper.ts'
import { checkOptions } from './check-options.ts'
import { asPolicy } from './dial-policy.ts'
import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { dropUnjudged } from './judged.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { Work } from './react.ts'
import { stepwise } from './stepwise.ts'
import { FILTER_OPTIONS } from './stage-options.ts'
import type { FilterOptions } from './stage-options.ts'
import type { Candidate, Dial, DialComponents, List, StageInit } from './types.ts'

/** True: stays; false or a reason in words: goes */
export type Verdict = boolean | string

export type Judge = (candidate: Candidate, dial: Dial, components: DialComponents) => Verdict | Promise<Verdict>

/**
 * A stage that takes addresses away. It is asked once per candidate object; slow answers are awaited concurrently, and
 * hold nobody else back. An address whose judge throws or rejects is dropped, with the error as the reason and in the log.
 *
 * @throws InvalidPipelineError for an empty name, and for what is not a function
 */
export function filter<const N extends string> (name: N, judge: Judge, init: FilterOptions = {}): StageInit<'candidates', 'candidates', N> {
  checkHelper('filter', name, judge)
  checkOptions(`filter("${name}")`, init, FILTER_OPTIONS)
  const { options, forRelays } = init

  return asPolicy(check(named(name, ['candidates'], 'candidates', components => stepwise((dial, wake) => {
    const work = new Work(wake)
    const answers = new Map<Candidate, Verdict | undefined>()

    function settle (candidate: Candidate, verdict: Verdict): boolean {
      if (typeof verdict !== 'boolean' && typeof verdict !== 'string') {
        throw new InvalidStageOutputError(name, `answered ${describeValue(verdict)} for ${candidate.id}: a filter answers true, false or a reason in words`)
      }

      answers.set(candidate, verdict)
      dial.verdict(candidate, verdict)

      return verdict === true
    }

    function fail (candidate: Candidate, thrown: unknown): boolean {
      answers.set(candidate, false)
      dropUnjudged(candidate, thrown, dial)

      return false
    }

    async function settleLater (candidate: Candidate, answer: Promise<Verdict>): Promise<void> {
      try {
        settle(candidate, await answer)
      } catch (err) {
        fail(candidate, err)
      }
    }

    function next (list: List): List {
      const candidates = list.candidates.filter(candidate => {
        if (answers.has(candidate)) {
          return answers.get(candidate) === true
        }

        try {
          const answer = judge(candidate, dial, components)

          if (!isPromise(answer)) {
            return settle(candidate, answer)
          }

          answers.set(candidate, undefined)
          work.add(settleLater(candidate, answer))

          return false
        } catch (err) {
          return fail(candidate, err)
        }
      })

      return { ...list, candidates, complete: list.complete && work.pending === 0 }
    }

    return { work, next }
  }), options)), forRelays)
}

function isPromise<T> (value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function'
}
