import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, toStageError } from '../errors.ts'

/**
 * A predicate that names its stage when it answers neither true nor false: a promise is truthy, and a policy would hold for everybody
 *
 * @param owns how the stage comes to the predicate
 */
export function checkedPredicate<A extends readonly unknown[]> (stage: string, predicate: (...args: A) => boolean, owns = 'has a predicate that'): (...args: A) => boolean {
  function ask (args: A): boolean {
    try {
      return predicate(...args)
    } catch (err) {
      throw toStageError(stage, err)
    }
  }

  return (...args) => {
    const answer = ask(args)

    if (typeof answer !== 'boolean') {
      throw new InvalidStageOutputError(stage, `${owns} answered ${describeValue(answer)}: a predicate answers true or false`)
    }

    return answer
  }
}
