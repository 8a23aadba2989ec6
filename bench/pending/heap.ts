import { setTimeout } from 'node:timers/promises'
import type { Multiaddr } from '@multiformats/multiaddr'

const { gc } = globalThis

if (gc == null) {
  throw new Error('run it with --expose-gc')
}

/** Returns the live bytes of the heap. Some garbage is only collectable after another turn of the event loop */
export async function liveBytes (): Promise<number> {
  for (let i = 0; i < 10; i++) {
    await setTimeout(10)
    gc?.()
  }

  return process.memoryUsage().heapUsed
}

/** The sum of what `flatten()` has read: a result that is used, so that the engine does not remove the loop */
let flattened = 0

/**
 * Reads the strings of a multiaddr. V8 keeps a concatenated string as a tree of single characters, and makes it several times smaller at the first
 * read: a later read would make the measured heap shrink
 */
export function flatten (address: Multiaddr): void {
  for (const { value = '' } of address.getComponents()) {
    flattened += value.codePointAt(0) ?? 0
  }
}

export function flattenedSum (): number {
  return flattened
}
