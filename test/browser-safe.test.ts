import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { build } from 'esbuild'
import { root } from './support/root.ts'
import type { BuildFailure, BuildOptions } from 'esbuild'

const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { import?: string }> }

const bundle: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  logLevel: 'silent',
  platform: 'browser',
  write: false
}

for (const [entry, { import: built }] of Object.entries(exports)) {
  if (built != null) {
    test(`${entry} has no import that a browser lacks`, async t => {
      const source = built.replace('/dist/', '/').replace(/\.js$/, '.ts')

      t.deepEqual(await errorsOf({ entryPoints: [source] }), [])
    })
  }
}

test('an import of a module of node is an error', async t => {
  const [error, ...others] = await errorsOf({ stdin: { contents: 'import { connect } from \'node:net\'; connect(1)' } })

  t.regex(error ?? '', /node:net/)
  t.deepEqual(others, [])
})

async function errorsOf (entry: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string[]> {
  try {
    await build({ ...bundle, ...entry })

    return []
  } catch (err) {
    return (err as BuildFailure).errors.map(({ text, location }) => `${location?.file ?? ''}:${location?.line ?? ''} ${text}`)
  }
}
