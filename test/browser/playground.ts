import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stop as endCompiler } from 'esbuild'
import { playground } from '../../docs/playground/build.ts'
import { toFragment, USUAL } from '../../docs/playground/settings.ts'
import { openPage, startChromium } from './chromium.ts'
import { serve } from './serve.ts'
import type { WatchedPage } from './chromium.ts'
import type { StaticServer } from './serve.ts'
import type { NetworkSettings } from '../../docs/playground/settings.ts'
import type { Browser, Page } from 'playwright-core'

let browser: Browser | undefined
let server: StaticServer | undefined
let folder = ''

export interface PlaygroundPage extends WatchedPage {
  readonly server: StaticServer
}

/** Opens the built page from a file or a web server */
export async function openPlayground (fragment = '', isFile = false): Promise<PlaygroundPage> {
  if (server == null) {
    const html = await playground()
    folder = await mkdtemp(join(tmpdir(), 'playground-'))
    await writeFile(join(folder, 'index.html'), html)
    server = await serve(new Map([['index.html', html], ['secret', 'secret']]))
    browser = await startChromium()
  }

  const opened = await openPage(browser as Browser)
  await opened.page.goto(`${isFile ? pathToFileURL(join(folder, 'index.html')).href : server.url}#${fragment}`)

  return { ...opened, server }
}

/** Closes the browser and the server. A test file calls it when it ends */
export async function closePlayground (): Promise<void> {
  await endCompiler()
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
}

export const link = (network: Partial<NetworkSettings>, ...pipelines: string[]): string => toFragment({ network: { ...USUAL, ...network }, pipelines })

export const preset = (name: string): string => `import { ${name} } from 'libp2p-dial-pipeline/presets'\n\nexport default ${name}()\n`

/** Waits until the page has shown `count` dials */
export async function dialled (page: Page, count = 1): Promise<void> {
  await page.waitForSelector(`body[data-dials="${count}"]`, { timeout: 30_000 })
}

/** Presses the button Dial, and waits until the page has shown `count` dials */
export async function pressDial (page: Page, count = 1): Promise<void> {
  await page.getByRole('button', { name: 'Dial', exact: true }).click()
  await dialled(page, count)
}
