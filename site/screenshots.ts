// Takes pictures of pages of site/dist: `npm run site:screenshots [PATH ...]`. Exits 1 when a page is wider than the screen, or logs an error
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openPage, startChromium } from '../test/browser/chromium.ts'
import { site } from './paths.ts'
import { serveSite } from './serve.ts'

const PAGES = ['', 'get-started', 'reference/stages', 'reference/options', 'api/libp2p-dial-pipeline/functions/dialer']
const SIZES = [[390, 844], [1_280, 900]] as const

const folder = join(site, 'screenshots')
const paths = process.argv.length > 2 ? process.argv.slice(2) : PAGES
const problems: string[] = []

await mkdir(folder, { recursive: true })
const [browser, server] = await Promise.all([startChromium(), serveSite()])

for (const path of paths) {
  for (const [width, height] of SIZES) {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, errors } = await openPage(browser, { width, height }, scheme)
      const name = `${path === '' ? 'home' : path.replaceAll('/', '-')}-${width}-${scheme}`
      await page.goto(`${server.url}${path}`, { waitUntil: 'networkidle' })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      await page.screenshot({ path: join(folder, `${name}.png`) })
      await page.close()
      problems.push(...errors.map(error => `${name}: ${error}`), ...wide > width ? [`${name}: ${wide} px wide`] : [])
    }
  }
}

await browser.close()
server.close()

if (problems.length > 0) {
  throw new Error(problems.join('\n'))
}
