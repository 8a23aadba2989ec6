// A browser node that dials a node on this machine: prints the address of the page, and serves it until Ctrl-C
//
//     npm run start:browser
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, stop as endCompiler } from 'esbuild'
import { serve } from '../../test/browser/serve.ts'
import { startListeners } from './listeners.ts'

export interface BrowserExample {
  /** URL of the page */
  readonly url: string
  stop: () => Promise<void>
}

export async function startExample (): Promise<BrowserExample> {
  const { outputFiles: [page] } = await build({ bundle: true, entryPoints: [join(import.meta.dirname, 'page.ts')], format: 'esm', minify: true, platform: 'browser', target: 'es2022', write: false })
  const listeners = await startListeners()
  const server = await serve(new Map([
    ['index.html', await readFile(join(import.meta.dirname, 'page.html'), 'utf8')],
    ['page.js', page?.text ?? ''],
    ['addresses.json', JSON.stringify(listeners.addresses)]
  ]))

  return {
    url: server.url,
    stop: async () => { await Promise.all([server.close(), listeners.stop(), endCompiler()]) }
  }
}

if (process.argv[1] === import.meta.filename) {
  const { url, stop } = await startExample()
  process.stdout.write(`Open ${url} in a browser. Ctrl-C ends it\n`)
  process.once('SIGINT', () => { void stop().then(() => process.exit()) })
}
