import { setTimeout } from 'node:timers/promises'
import type { Multiaddr } from '@multiformats/multiaddr'

const { gc } = globalThis

if (gc == null) {
  throw new Error('run it with --expose-gc')
}

/** Returns the bytes that live, when all that has ended is gone: some of it only after another turn */
export async function liveBytes (): Promise<number> {
  for (let i = 0; i < 10; i++) {
    await setTimeout(10)
    gc?.()
  }

  return process.memoryUsage().heapUsed
}

/** What is not used is not done */
let flattened = 0

/**
 * A multiaddr's strings are put together from single characters. Whoever first reads one makes it several times smaller,
 * and the heap would seem to shrink
 */
export function flatten (address: Multiaddr): void {
  for (const { value = '' } of address.getComponents()) {
    flattened += value.codePointAt(0) ?? 0
  }
}

export function flattenedSum (): number {
  return flattened
}
