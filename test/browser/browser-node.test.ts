import test from 'ava'
import { startExample } from '../../examples/browser/start.ts'
import { browserTest } from './browser-test.ts'
import { openPage, startChromium } from './chromium.ts'
import type { BrowserExample } from '../../examples/browser/start.ts'
import type { WatchedPage } from './chromium.ts'
import type { DialTrace } from '../../src/index.ts'
import type { Browser } from 'playwright-core'

let browser: Browser | undefined
let example: BrowserExample | undefined
let opened: WatchedPage | undefined

test.after.always(async () => {
  await browser?.close()
  await example?.stop()
})

/** Presses a button of the page, and returns the dial's trace when it is there */
async function dialBy (label: string): Promise<DialTrace> {
  example ??= await startExample()
  browser ??= await startChromium()

  if (opened == null) {
    opened = await openPage(browser)
    await opened.page.goto(example.url)
  }

  const { page } = opened
  const before = await page.locator('#trace').textContent()
  await page.getByRole('button', { name: label }).click()
  await page.waitForFunction(before => document.querySelector('#trace')?.textContent !== before, before, { timeout: 30_000 })

  return JSON.parse(await page.locator('#trace').textContent() ?? '')
}

for (const [label, part] of [['WebSockets', '/ws/'], ['WebRTC-direct', '/webrtc-direct/'], ['By a relay', '/p2p-circuit']] as const) {
  browserTest(`a node in Chromium dials a node of Node.js with adaptive(): ${label}`, async t => {
    const trace = await dialBy(label)
    const page = opened?.page

    t.is(trace.outcome, 'connected', trace.error?.message)
    t.true(trace.connection?.address.includes(part))
    t.is(trace.connection?.isLimited === true, part === '/p2p-circuit')
    t.regex(await page?.locator('#state').textContent() ?? '', /^Connected over /)
    t.regex(await page?.locator('#story').textContent() ?? '', /CONNECTED/)
    // the picture shows the same dial
    t.is(await page?.locator('#picture svg').getAttribute('aria-label').then(text => /connected/.test(text ?? '')), true)
    t.deepEqual(opened?.errors, [])
  })
}

browserTest('a node in Chromium with all three ways connects over a direct one', async t => {
  const trace = await dialBy('All three')

  t.is(trace.outcome, 'connected')
  t.false(trace.connection?.address.includes('/p2p-circuit'))
  t.true(trace.candidates.length >= 3)
  t.deepEqual(opened?.errors, [])
})
