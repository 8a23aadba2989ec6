// Writes the playground as one self-contained file, which works from any web server and from disk
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const here = import.meta.dirname
const root = join(here, '../..')

/** The modules that pipeline code may import, and those of the page, by file name. Shared code becomes a module of its own */
const MODULES: Readonly<Record<string, { readonly name: string, readonly file: string }>> = {
  index: { name: 'libp2p-dial-pipeline', file: 'src/index.ts' },
  stages: { name: 'libp2p-dial-pipeline/stages', file: 'src/stages/index.ts' },
  presets: { name: 'libp2p-dial-pipeline/presets', file: 'presets/index.ts' },
  'address-book': { name: 'libp2p-dial-pipeline/address-book', file: 'src/address-book/index.ts' },
  testing: { name: 'libp2p-dial-pipeline/testing', file: 'src/testing/index.ts' },
  trace: { name: 'libp2p-dial-pipeline/trace', file: 'src/trace/index.ts' },
  multiaddr: { name: '@multiformats/multiaddr', file: 'node_modules/@multiformats/multiaddr/dist/src/index.js' },
  app: { name: 'playground/app', file: 'docs/playground/app.ts' },
  sandbox: { name: 'playground/sandbox', file: 'docs/playground/sandbox.ts' }
}

const read = async (file: string): Promise<string> => readFile(join(here, file), 'utf8')

/** Returns the page as text */
export async function playground (): Promise<string> {
  const [page, panel, style, loader, modules] = await Promise.all([read('page.html'), read('panel.html'), read('style.css'), read('loader.js'), compiled()])
  const [a, b] = ['A', 'B'].map(name => panel.trim().replaceAll('NAME', name))

  // functions, because a dollar sign in a replacement string has a special meaning
  return page
    .replace('/* style.css */', () => style)
    .replace('PANEL', () => a ?? '')
    .replace('PANEL', () => b ?? '')
    .replace('LOADER', () => loader)
    // escaped, so that no module closes the script element
    .replace('MODULES', () => JSON.stringify(modules).replaceAll('<', '\\u003c'))
}

/** Returns the texts of the modules by their names in the import map */
async function compiled (): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: Object.entries(MODULES).map(([out, { file }]) => ({ in: file, out })),
    format: 'esm',
    // error messages contain function names
    keepNames: true,
    legalComments: 'none',
    minify: true,
    outdir: 'out',
    platform: 'browser',
    splitting: true,
    target: 'es2022',
    write: false
  })

  return Object.fromEntries(outputFiles.map(({ path, text }) => {
    const name = path.replace(/^.*\//, '').replace(/\.js$/, '')

    return [MODULES[name]?.name ?? nameOf(name), text.replaceAll(/(["'])\.\/([\w-]+)\.js\1/g, (_, quote: string, file: string) => `${quote}${MODULES[file]?.name ?? nameOf(file)}${quote}`)]
  }))
}

/** Names a chunk for the import map, because relative imports do not work in a module at a blob URL */
function nameOf (chunk: string): string {
  return `playground/${chunk}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: { help }, positionals: [name] } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } })
  const file = resolve(name ?? join(here, 'dist/index.html'))

  if (help !== true) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, await playground())
  }

  process.stdout.write(help === true ? `Usage: npm run playground -- [FILE]\n\nWrites the playground into FILE. Default: ${file}\n` : `${file}\n`)
}
