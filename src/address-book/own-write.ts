import type { AbortOptions } from '@libp2p/interface'

/** Marks a write of the address book to the peer store: it is no news, and the writer already holds the peer's lock */
const OWN_WRITE = Symbol.for('libp2p-dial-pipeline.own-write')

interface Marked extends AbortOptions {
  [OWN_WRITE]?: boolean
}

export function asOwnWrite (options: AbortOptions): Marked {
  return { ...options, [OWN_WRITE]: true }
}

export function isOwnWrite (options: Marked | undefined): boolean {
  return options?.[OWN_WRITE] === true
}
