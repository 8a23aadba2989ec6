// Takes screenshots of the playground and of the browser node, in a Chromium that can only reach this machine
//
//     npm run screenshots
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startExample } from '../../examples/browser/start.ts'
import { openPage, startChromium } from '../../test/browser/chromium.ts'
import { serve } from '../../test/browser/serve.ts'
import { playground } from './build.ts'
import { toFragment, USUAL } from './settings.ts'
import { starters } from './starters.ts'

const folder = join(import.meta.dirname, '../images')
const fragment = toFragment({ network: USUAL, pipelines: [starters.stock.code, starters.adaptive.code] })

await mkdir(folder, { recursive: true })
const browser = await startChromium()
const server = await serve(new Map([['index.html', await playground()]]))
const example = await startExample()

for (const [name, width, height] of [['playground', 1_280, 880], ['playground-phone', 390, 844]] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    const { page, errors } = await openPage(browser, { width, height }, scheme)
    await page.goto(`${server.url}#${fragment}`)
    await page.waitForSelector('body[data-dials="1"]')
    await page.screenshot({ path: join(folder, `${name}-${scheme}.png`) })
    await page.close()

    if (errors.length > 0) {
      throw new Error(errors.join('\n'))
    }
  }
}

const { page } = await openPage(browser, { width: 900, height: 560 })
await page.goto(example.url)
await page.getByRole('button', { name: 'All three' }).click()
await page.waitForSelector('#picture svg')
await page.screenshot({ path: join(folder, 'browser-node.png') })
await Promise.all([browser.close(), server.close(), example.stop()])
