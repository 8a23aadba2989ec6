import { describeValue } from './describe-value.ts'
import { InvalidPipelineError } from './errors.ts'

/**
 * Checks that a function was given no more arguments than it takes: JavaScript drops the others in silence, and with them a policy.
 * `undefined` is as good as absent
 *
 * @param owner the function, as users write it: `certified()`
 * @param args its `arguments`
 * @param advice what to write instead. Default: the function without arguments
 * @throws InvalidPipelineError that names the owner
 */
export function checkArguments (owner: string, args: ArrayLike<unknown>, most = 0, advice = `write ${owner}`): void {
  const left = Array.from(args).slice(most).find(one => one !== undefined)

  if (left !== undefined) {
    throw new InvalidPipelineError(`${owner} takes ${most === 0 ? 'no arguments' : `${most} argument${most === 1 ? '' : 's'}`}, and was given ${describeValue(left)}${most === 0 ? '' : ' beside'}: ${advice}`)
  }
}
