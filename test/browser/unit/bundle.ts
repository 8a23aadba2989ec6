import { glob } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build } from 'esbuild'
import { root } from '../../support/root.ts'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'

const here = 'test/browser/unit'
const RUNNER = `${here}/ava.ts`

const standIns: Plugin = {
  name: 'stand-ins for what runs in Node.js alone',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^ava$/ }, () => ({ path: join(root, RUNNER) }))
    onResolve({ filter: /^@fast-check\/ava$/ }, () => ({ path: join(root, here, 'fast-check.ts') }))
  }
}

export interface Bundle {
  /** The files that the browser loads, by path */
  readonly files: ReadonlyMap<string, string>
  /** The modules to import, one for each test file */
  readonly tests: readonly string[]
  readonly runner: string
  /** The test files that need Node.js, each with the module that they need */
  readonly needNode: ReadonlyMap<string, string>
}

/** Bundles the test files of a glob for a browser, without those that need Node.js */
export async function bundleTests (pattern: string): Promise<Bundle> {
  const all: string[] = []

  for await (const file of glob(pattern, { cwd: root })) {
    all.push(file)
  }

  const needNode = nodeModulesOf(all.toSorted(), (await compile(all, { external: ['node:*'] })).metafile)
  const entries = [...all.filter(file => !needNode.has(file)).toSorted(), RUNNER]
  const { outputFiles } = await compile(entries)
  const files = new Map(outputFiles.map(({ path, text }) => [relative(root, path), text]))
  const [runner = '', ...tests] = entries.toReversed().map(file => file.replace(/\.ts$/, '.js'))

  return { files, tests: tests.toReversed(), runner, needNode }
}

async function compile (entryPoints: readonly string[], options: Pick<BuildOptions, 'external'> = {}) {
  return build({
    absWorkingDir: root,
    bundle: true,
    define: { 'process.env': '{}' },
    entryPoints: [...entryPoints],
    format: 'esm',
    logLevel: 'silent',
    metafile: true,
    outbase: root,
    outdir: root,
    platform: 'browser',
    plugins: [standIns],
    splitting: true,
    target: 'es2022',
    write: false,
    ...options
  })
}

/** Returns the Node.js module that each file imports, directly or through other files */
function nodeModulesOf (files: readonly string[], { inputs }: Metafile): Map<string, string> {
  return new Map(files.flatMap(file => {
    const reached = new Set([file])

    // the loop also visits entries that are added while it runs
    for (const path of reached) {
      inputs[path]?.imports.forEach(one => { reached.add(one.path) })
    }

    const found = [...reached].find(path => path.startsWith('node:'))

    return found == null ? [] : [[file, found] as const]
  }))
}
