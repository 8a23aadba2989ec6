import type { AbortOptions } from '@libp2p/interface'

/** Marks an operation of the address book on the peer store: a write is no news, and the book already holds the peer's lock */
const OWN_OPERATION = Symbol.for('libp2p-dial-pipeline.own-write')

interface Marked extends AbortOptions {
  [OWN_OPERATION]?: boolean
}

export function asOwnOperation (options: AbortOptions): Marked {
  return { ...options, [OWN_OPERATION]: true }
}

export function isOwnOperation (options: Marked | undefined): boolean {
  return options?.[OWN_OPERATION] === true
}
