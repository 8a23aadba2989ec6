import { describeValue, ignoreRejections, isStage } from './describe-value.ts'
import { InvalidPipelineError } from './errors.ts'
import { isRecord, MULTIADDR, PEER_ID } from './option-kinds.ts'
import { suggestName } from './suggest-name.ts'
import type { OptionKind } from './option-kinds.ts'

/** One kind for each option that an object of options can have */
export type OptionKinds<T extends object> = { readonly [K in keyof Required<T>]: OptionKind }

/** Makes the error that refuses an option */
export type RefuseOption = new (message: string) => Error

/**
 * Checks an object of options: that it is one, that it has no unknown keys, and that each value is of its kind. `undefined` is as
 * good as absent, which a required one must not be.
 *
 * @param owner what the options are for, as users write it: `retry()`
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner and the option
 */
export function checkOptions<T extends object> (owner: string, options: T, kinds: OptionKinds<T>, Refusal: RefuseOption = InvalidPipelineError): void {
  const names = isRecord(options) ? Object.keys(options) : []
  const unknown = names.find(name => !Object.hasOwn(kinds, name))

  // a stage, a peer id and a multiaddr are objects too, whose keys are no options
  if (names.length === 0 || unknown != null) {
    if (!isRecord(options) || (isStage(options) && !Object.hasOwn(kinds, 'accepts')) || PEER_ID.test(options) || MULTIADDR.test(options)) {
      throw new Refusal(`${owner} needs an object of options, not ${describeValue(options)}${inWords(optionsFor(options, kinds))}`)
    }
  }

  if (unknown != null) {
    ignoreRejections(options)
    const closest = suggestName(unknown, Object.keys(kinds))
    throw new Refusal(`${owner} has no option "${unknown}"${closest == null ? '.' : `: did you mean "${closest}"?`} It has: ${Object.keys(kinds).join(', ')}`)
  }

  // not of entries: a book is told of thousands of addresses
  for (const name in kinds) {
    const kind: OptionKind = kinds[name]
    const value: unknown = options[name]

    if (value !== undefined) {
      checkValue(owner, value, kind, Refusal, name)
    } else if (kind.isRequired === true) {
      throw new Refusal(`${owner} needs the option "${name}": ${kind.expected}`)
    }
  }
}

/** The options that a bare value was most likely meant as: `{ for: 60000 }`. Undefined: it could be several, or none */
function optionsFor (value: unknown, kinds: Readonly<Record<string, OptionKind>>): string | undefined {
  const [fit, ...others] = Object.entries(kinds).filter(([, { test }]) => passes(test, value))

  return fit == null || (others.length > 0 && fit[1].isMain !== true) ? undefined : `{ ${fit[0]}: ${['boolean', 'number', 'string'].includes(typeof value) ? describeValue(value) : '…'} }`
}

/**
 * Checks one value
 *
 * @param name the option that the value is of. Default: the only argument of the owner
 * @throws an error of class `Refusal` (default: InvalidPipelineError) that names the owner and the option
 */
export function checkValue (owner: string, value: unknown, { expected, test, describe, advise, each, flaw }: OptionKind, Refusal: RefuseOption = InvalidPipelineError, name?: string): void {
  if (each != null && isRecord(value)) {
    Object.entries(value).forEach(([key, one]) => { checkValue(owner, one, each, Refusal, name == null ? key : `${name}.${key}`) })
  }

  if (!passes(test, value)) {
    const whole = describeValue(value)
    throw new Refusal(`${owner} needs ${expected}${name == null ? '' : ` as ${name}`}, not ${readable(describe, value) ?? whole}${inWords(readable(advise, value))}`)
  }

  const wrong = flaw?.(value)

  if (wrong != null) {
    throw new Refusal(`${owner} ${wrong}`)
  }
}

function inWords (advice: string | undefined): string {
  return advice == null ? '' : `: write ${advice}`
}

/** Nothing can be said of a proxy that was revoked */
function readable (say: OptionKind['advise'], value: unknown): string | undefined {
  try {
    return say?.(value)
  } catch {
    return undefined
  }
}

/** A proxy that was revoked is of no kind */
function passes (test: OptionKind['test'], value: unknown): boolean {
  try {
    return test(value)
  } catch {
    return false
  }
}

/**
 * Checks that a function was given no more arguments than it takes: JavaScript drops the others in silence, and with them a policy.
 * `undefined` is as good as absent
 *
 * @param owner the function, as users write it: `certified()`
 * @param args its `arguments`
 * @param advice what to write instead. Default: the function without arguments, where it takes none
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
