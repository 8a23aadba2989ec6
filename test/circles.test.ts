// modules that import one another, types included, cannot be read separately
import { glob, readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import test from 'ava'
import { root } from './support/root.ts'

const IMPORT = /^(?:import|export) [^'\n]*'(\.[^']+)'/gm

/** Returns the imports of each module, types included */
async function importsOf (patterns: readonly string[]): Promise<Map<string, string[]>> {
  const imports = new Map<string, string[]>()

  for await (const file of glob(patterns, { cwd: root })) {
    const text = await readFile(resolve(root, file), 'utf8')
    imports.set(file, Array.from(text.matchAll(IMPORT), ([, path = '']) => relative(root, resolve(root, dirname(file), path))))
  }

  return imports
}

/** Returns a path from a module back to itself */
function circleThrough (start: string, imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const open = [start]

  for (const file of open) {
    for (const next of imports.get(file) ?? []) {
      if (next === start) {
        const way = [start]

        for (let at: string | undefined = file; at != null && at !== start; at = cameFrom.get(at)) {
          way.unshift(at)
        }

        return [start, ...way]
      }

      if (!cameFrom.has(next)) {
        cameFrom.set(next, file)
        open.push(next)
      }
    }
  }
}

test('no module imports itself through others, types included', async t => {
  const imports = await importsOf(['src/**/*.ts', 'presets/*.ts'])
  const circles = [...imports.keys()].flatMap(file => circleThrough(file, imports)?.join(' > ') ?? [])

  t.true(imports.size > 100)
  t.deepEqual(circles, [])
})
