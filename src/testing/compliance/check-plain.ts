import { describeValue } from '../../pipeline/describe-value.ts'
import { isThenable } from '../../pipeline/foreign-promises.ts'

/** @throws Error for a promise: the suite would go on without what the fixture says */
export function checkPlain<T> (name: string, answer: T): T {
  if (isThenable(answer)) {
    throw new Error(`The fixture's ${name}() answered ${describeValue(answer)}: the suite does not wait for it`)
  }

  return answer
}
