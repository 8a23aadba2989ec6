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
    test(`${entry} imports nothing that a browser lacks, and nothing of the command line`, async t => {
      const source = built.replace('/dist/', '/').replace(/\.js$/, '.ts')
      const { errors, inputs } = await bundled({ entryPoints: [source] })

      t.deepEqual(errors, [])
      t.true(inputs.includes(source.replace('./', '')))
      t.deepEqual(inputs.filter(path => /^src\/cli\/|\/(?:chalk|commander|log-update|libp2p-noise|libp2p-yamux|@libp2p\/(?:identify|tcp|websockets))\//.test(path)), [])
    })
  }
}

test('the bundler reports an import of a Node.js module', async t => {
  const { errors: [error, ...others] } = await bundled({ stdin: { contents: 'import { connect } from \'node:net\'; connect(1)' } })

  t.regex(error ?? '', /node:net/)
  t.deepEqual(others, [])
})

async function bundled (entry: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<{ errors: string[], inputs: string[] }> {
  try {
    const { metafile } = await build({ ...bundle, ...entry, metafile: true })

    return { errors: [], inputs: Object.keys(metafile.inputs) }
  } catch (err) {
    return { errors: (err as BuildFailure).errors.map(({ text, location }) => `${location?.file ?? ''}:${location?.line ?? ''} ${text}`), inputs: [] }
  }
}
