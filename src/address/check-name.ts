import { InvalidParametersError } from '@libp2p/interface'

/** The maximum number of characters of a stored name: of a source, owner, network or peer. A peer id made from a key has 53 */
export const MAX_NAME = 256

/** @throws InvalidParametersError for a value that is not a string, an empty one, and one above the cap */
export function checkName (what: string, name: unknown): void {
  if (typeof name !== 'string') {
    throw new InvalidParametersError(`The ${what} has to be a string, not ${typeof name}`)
  }

  if (name === '') {
    throw new InvalidParametersError(`The ${what} is empty`)
  }

  if (name.length > MAX_NAME) {
    throw new InvalidParametersError(`The ${what} "${name.slice(0, 32)}…" has ${name.length} characters, more than ${MAX_NAME}`)
  }
}
