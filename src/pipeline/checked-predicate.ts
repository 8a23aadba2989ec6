import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'
import { toStageError } from './to-stage-error.ts'

/** A predicate that names its stage when it answers neither true nor false: a promise is truthy, and a policy would hold for everybody */
export function checkedPredicate<T> (stage: string, predicate: (value: T) => boolean): (value: T) => boolean {
  function ask (value: T): boolean {
    try {
      return predicate(value)
    } catch (err) {
      throw toStageError(stage, err)
    }
  }

  return value => {
    const answer = ask(value)

    if (typeof answer !== 'boolean') {
      throw new InvalidStageOutputError(stage, `has a predicate that answered ${describeValue(answer)}: a predicate answers true or false`)
    }

    return answer
  }
}
