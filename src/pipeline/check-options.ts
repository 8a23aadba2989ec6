import { describeValue, ignoreRejections, isStage } from './describe-value.ts'
import { InvalidPipelineError } from './errors.ts'
import { isRecord, MULTIADDR, PEER_ID, suggestName } from './option-kinds.ts'
import type { OptionKind } from './option-kinds.ts'

/** The kind of each option in an object of options */
export type OptionKinds<T extends object> = { readonly [K in keyof Required<T>]: OptionKind }

export type RefuseOption = new (message: string) => Error

/**
 * Checks an object of options: its type, its keys, and the kind of each value. `undefined` counts as absent, which a required option must not be
 *
 * @param owner the function that takes the options, as users write it: `retry()`
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner and the option
 */
export function checkOptions<T extends object> (owner: string, options: T, kinds: OptionKinds<T>, Refusal: RefuseOption = InvalidPipelineError): void {
  const names = isRecord(options) ? Object.keys(options) : []
  const unknown = names.find(name => !Object.hasOwn(kinds, name))

  // a stage, a peer id and a multiaddr are objects too, and their keys are no options
  if (names.length === 0 || unknown != null) {
    const missing = options === undefined ? Object.keys(kinds).find(name => kinds[name as keyof T].isRequired === true) : undefined

    if (missing != null) {
      throw new Refusal(withoutOption(owner, missing, kinds[missing as keyof T]))
    }

    if (!isRecord(options) || (isStage(options) && !Object.hasOwn(kinds, 'accepts')) || PEER_ID.test(options) || MULTIADDR.test(options)) {
      throw new Refusal(`${owner} needs an object of options, not ${describeValue(options)}`)
    }
  }

  if (unknown != null) {
    ignoreRejections(options)
    const closest = suggestName(unknown, Object.keys(kinds))
    throw new Refusal(`${owner} has no option "${unknown}"${closest == null ? '.' : `: did you mean "${closest}"?`} It has: ${Object.keys(kinds).join(', ')}`)
  }

  // a loop over the kinds: Object.entries() would cost much with the thousands of addresses that a book records
  for (const name in kinds) {
    const kind: OptionKind = kinds[name]
    const value: unknown = options[name]

    if (value !== undefined) {
      checkValue(owner, value, kind, Refusal, name)
    } else if (kind.isRequired === true) {
      throw new Refusal(withoutOption(owner, name, kind))
    }
  }
}

function withoutOption (owner: string, name: string, { expected }: OptionKind): string {
  return `${owner} needs the option "${name}": ${expected}`
}

/**
 * Checks one value
 *
 * @param name the option that has the value. Default: the value is the only argument of the owner
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner and the option
 */
export function checkValue (owner: string, value: unknown, kind: OptionKind, Refusal: RefuseOption = InvalidPipelineError, name?: string): void {
  // the other members of `kind` are read only once a value is wrong: the check must cost little
  const { test, each, flaw } = kind

  if (each != null && isRecord(value)) {
    Object.entries(value).forEach(([key, one]) => { checkValue(owner, one, each, Refusal, name == null ? key : `${name}.${key}`) })
  }

  if (readable(test, value) !== true) {
    const whole = describeValue(value)
    const advice = readable(kind.advise, value)
    throw new Refusal(`${owner} needs ${kind.expected}${name == null ? '' : ` as ${name}`}, not ${readable(kind.describe, value) ?? whole}${advice == null ? '' : `: write ${advice}`}`)
  }

  const wrong = flaw?.(value)

  if (wrong != null) {
    throw new Refusal(`${owner} ${wrong}`)
  }
}

/** Calls a function that reads a value. Undefined: the value is a revoked proxy, which throws when it is read */
function readable<T> (read: ((value: unknown) => T) | undefined, value: unknown): T | undefined {
  try {
    return read?.(value)
  } catch {
    return undefined
  }
}

/**
 * Refuses arguments beyond those that a function takes: JavaScript drops them in silence, and a policy with them. `undefined` counts as absent
 *
 * @param owner the function, as users write it: `certified()`
 * @param advice what to write instead. Default: the call without arguments, where it takes none
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner
 */
export function checkArguments (owner: string, args: ArrayLike<unknown>, most = 0, advice = most === 0 ? `write ${owner}` : undefined, Refusal: RefuseOption = InvalidPipelineError): void {
  if (args.length <= most) {
    return
  }

  const left = Array.from(args).slice(most).find(one => one !== undefined)

  if (left !== undefined) {
    const takes = most === 0 ? 'no arguments' : most === 1 ? '1 argument' : `${most} arguments`
    const beside = most === 0 ? '' : most === 1 ? ' beside it' : ' beside them'
    throw new Refusal(`${owner} takes ${takes}, and was given ${describeValue(left)}${beside}${advice == null ? '' : `: ${advice}`}`)
  }
}
