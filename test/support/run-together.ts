import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'ava'
import { takeDeclarations } from './recorded-ava.ts'
import { root } from './root.ts'
import type { Declaration } from './recorded-ava.ts'
import type { ExecutionContext } from 'ava'

type Implementation = (t: ExecutionContext, ...args: unknown[]) => unknown

/**
 * Declares the tests of several files in this process. The files run one after the other. Within a file, a serial test runs alone, and other tests run
 * at the same time.
 */
export async function runTogether (files: readonly string[]): Promise<void> {
  let running: Array<Promise<unknown>> = []
  let barrier: Promise<unknown> = Promise.resolve()

  // lets later tests wait for all earlier ones
  const raiseBarrier = (): void => {
    barrier = Promise.all(running)
    running = [barrier]
  }

  // ava takes no test later than one turn after the first, so the files are loaded before
  for (const [file, declarations] of await load(files)) {
    raiseBarrier()

    for (const { path, args: [name, implementation, ...args] } of declarations) {
      const kind = path.join('.')
      const title = `${file}: ${name as string}`

      if (kind === 'skip') {
        test.skip(title, implementation as Implementation)
        continue
      }

      if (kind === 'serial') {
        raiseBarrier()
      } else if (kind !== '') {
        throw new Error(`${file} calls test.${kind}(), which runTogether() does not support`)
      }

      const start = barrier
      const { promise, resolve } = Promise.withResolvers<void>()
      running.push(promise)

      if (kind === 'serial') {
        raiseBarrier()
      }

      test(title, async t => {
        // the first teardown runs last
        t.teardown(resolve)
        await start
        await (implementation as Implementation)(t, ...args)
      })
    }
  }
}

/** Returns the declarations of each file */
async function load (files: readonly string[]): Promise<Array<[file: string, declarations: readonly Declaration[]]>> {
  const recorded = import.meta.resolve('./recorded-ava.ts')
  const hooks = registerHooks({
    resolve: (specifier, context, next) => specifier === 'ava' ? { url: recorded, shortCircuit: true } : next(specifier, context)
  })
  const loaded: Array<[string, readonly Declaration[]]> = []

  for (const file of files) {
    await import(pathToFileURL(join(root, file)).href)
    const declarations = takeDeclarations()

    if (declarations.length === 0) {
      throw new Error(`${file} declares no test`)
    }

    loaded.push([file, declarations])
  }

  hooks.deregister()

  return loaded
}
