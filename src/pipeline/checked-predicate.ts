import { describeValue } from './describe-value.ts'
import { InvalidStageOutputError } from './errors.ts'

/** A predicate that names its stage when it answers neither true nor false: a promise is truthy, and a policy would hold for everybody */
export function checkedPredicate<T> (stage: string, predicate: (value: T) => boolean): (value: T) => boolean {
  return value => {
    const answer = predicate(value)

    if (typeof answer !== 'boolean') {
      throw new InvalidStageOutputError(stage, `has a predicate that answered ${describeValue(answer)}: a predicate answers true or false`)
    }

    return answer
  }
}
