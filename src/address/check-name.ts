import { InvalidParametersError } from '@libp2p/interface'

/** Characters of a name that is kept, at most: of a source, an owner, a network, a peer. A peer id that is made of a key has 53 */
export const MAX_NAME = 256

/** @throws InvalidParametersError for what is not a string, an empty one, and one that is too long */
export function checkName (what: string, name: unknown): void {
  if (typeof name !== 'string') {
    throw new InvalidParametersError(`The ${what} has to be a string, not ${String(name)}`)
  }

  if (name === '') {
    throw new InvalidParametersError(`The ${what} is empty`)
  }

  if (name.length > MAX_NAME) {
    throw new InvalidParametersError(`The ${what} "${name.slice(0, 32)}…" has ${name.length} characters, more than ${MAX_NAME}`)
  }
}
