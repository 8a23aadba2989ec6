import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../support/root.ts'
import type { Module } from './modules.ts'

/** A stage that the documentation shows */
export interface Example {
  readonly stage: unknown
  /** The code from `export const` to the end of the stage */
  readonly lines: readonly string[]
}

/** Returns the first example with a name, as it was built. @throws if there is none */
export async function exampleOf (name: string, modules: readonly Module[]): Promise<Example> {
  const module = modules.find(({ block }) => linesOf(name, block.code).length > 0)

  if (module == null) {
    throw new Error(`No block of the documentation exports ${name}`)
  }

  return { stage: (await import(pathToFileURL(join(root, module.path)).href))[name], lines: linesOf(name, module.block.code) }
}

/** Replaces the platform's `fetch` while a function runs */
export async function withFetch (fetch: typeof globalThis.fetch, run: () => Promise<void>): Promise<void> {
  const own = globalThis.fetch
  globalThis.fetch = fetch

  try {
    await run()
  } finally {
    globalThis.fetch = own
  }
}

function linesOf (name: string, code: string): string[] {
  const lines = code.split('\n')
  const start = lines.findIndex(line => line.startsWith(`export const ${name} = `))
  const rest = start === -1 ? [] : lines.slice(start)
  const isOpen = /[({[]$/.test(rest[0] ?? '')

  return rest.slice(0, isOpen ? rest.findIndex((line, i) => i > 0 && /^\S/.test(line)) + 1 : 1)
}
