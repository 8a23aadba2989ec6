import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'ava'
import { playground } from '../../docs/playground/build.ts'
import { examples } from '../../docs/playground/examples.ts'
import { toFragment, USUAL } from '../../docs/playground/settings.ts'
import { simulateDial } from '../../docs/playground/simulate-dial.ts'
import { starters } from '../../docs/playground/starters.ts'
import { adaptive, stock } from '../../presets/index.ts'
import { browserTest } from './browser-test.ts'
import { openPage, startChromium } from './chromium.ts'
import { serve } from './serve.ts'
import type { WatchedPage } from './chromium.ts'
import type { StaticServer } from './serve.ts'
import type { NetworkSettings } from '../../docs/playground/settings.ts'
import type { Browser, Page } from 'playwright-core'

let browser: Browser | undefined
let server: StaticServer | undefined
let folder = ''

test.after.always(async () => {
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Opens the built page from a file or a web server */
async function open (fragment = '', isFile = false): Promise<WatchedPage> {
  if (server == null) {
    const html = await playground()
    folder = await mkdtemp(join(tmpdir(), 'playground-'))
    await writeFile(join(folder, 'index.html'), html)
    server = await serve(new Map([['index.html', html], ['secret', 'secret']]))
    browser = await startChromium()
  }

  const opened = await openPage(browser as Browser)
  await opened.page.goto(`${isFile ? pathToFileURL(join(folder, 'index.html')).href : server.url}#${fragment}`)

  return opened
}

const link = (network: Partial<NetworkSettings>, ...pipelines: string[]): string => toFragment({ network: { ...USUAL, ...network }, pipelines })

const preset = (name: string): string => `import { ${name} } from 'libp2p-dial-pipeline/presets'\n\nexport default ${name}()\n`

function fail (): never {
  throw new Error('there is none')
}

/** Waits until the page has shown `count` dials */
async function dialled (page: Page, count = 1): Promise<void> {
  await page.waitForSelector(`body[data-dials="${count}"]`, { timeout: 30_000 })
}

/** Returns the page's description of the address that won, in words and in the picture */
async function winnersOf (page: Page, panel = '#a'): Promise<{ story: string | null, picture: string | null }> {
  return {
    story: await page.locator(`${panel} .story tr[data-outcome="connected"] th`).textContent(),
    picture: await page.locator(`${panel} svg`).getAttribute('aria-label')
  }
}

for (const isFile of [true, false]) {
  browserTest(`the playground dials and shows the right winner when opened ${isFile ? 'from a file' : 'from a web server'}`, async t => {
    const { page, errors } = await open(link({ silent: 2 }, preset('stock'), preset('adaptive')), isFile)
    await dialled(page)

    for (const [panel, pipeline] of [['#a', stock()], ['#b', adaptive()]] as const) {
      const trace = await simulateDial(pipeline, { ...USUAL, silent: 2 })
      const { story, picture } = await winnersOf(page, panel)
      t.true(trace.connection?.address.startsWith(`${story}/p2p/`), `${story}`)
      t.true(picture?.includes(`connected in ${Math.round(trace.settledAt ?? 0)} ms`), `${picture}`)
      t.true(await page.locator(`${panel} svg`).textContent().then(text => text?.includes(story ?? '?')))
    }

    t.regex(await page.locator('#state').textContent() ?? '', /^B connects [\d,]+ ms sooner/)
    t.deepEqual(errors, [])
    await page.close()
  })
}

browserTest('typing a ranking stage into the page by keyboard changes the winner', async t => {
  const { page, errors } = await open(link({ silent: 0, tcp: 2 }, preset('stock')))
  await dialled(page)
  const before = await winnersOf(page)
  t.regex(before.story ?? '', /\/tcp\/4001$/)

  await page.getByLabel('Code of pipeline A').focus()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(`import { fromKnown, pipeline, race, rankBy } from 'libp2p-dial-pipeline/stages'
export default pipeline(fromKnown(), rankBy('by-port', ({ multiaddr }) => -Number(/tcp\\/(\\d+)/.exec(multiaddr.toString())?.[1])), race())`)
  await page.keyboard.press('ControlOrMeta+Enter')
  await dialled(page, 2)
  const after = await winnersOf(page)
  t.regex(after.story ?? '', /\/tcp\/4002$/)
  t.true(after.picture?.includes('/tcp/4002'), `${after.picture}`)
  t.deepEqual(errors, [])
  await page.close()
})

for (const [what, network, expected] of [
  ['a name that resolves late', { tcp: 0, silent: 0, dns: 700 }, /dnsaddr\/peer\.example.*became 1 address/],
  ['a relay', { tcp: 0, silent: 0, relay: 1 }, /p2p-circuit.*CONNECTED/],
  ['refusing addresses', { silent: 0, refusing: 2 }, /failed: .*refused/i],
  ['private addresses', { silent: 0, private: 1 }, /192\.168\.1\.20/],
  ['no good address', { silent: 1, refusing: 1, tcp: 0 }, /All multiaddr dials failed/]
] as const) {
  browserTest(`the playground explains a network with ${what}`, async t => {
    const { page, errors } = await open(link(network, preset('stock')))
    await dialled(page)
    t.regex(await page.locator('#a .story').innerText(), expected)
    t.deepEqual(errors, [])
    await page.close()
  })
}

for (const [what, code, expected] of [
  ['is no JavaScript', 'export default (', /SyntaxError/],
  ['exports a factory', "export { staggered as default } from 'libp2p-dial-pipeline/presets'", /the default export needs a pipeline, not a factory: call it as staggered\(\)/],
  ['exports nothing', 'const a = 1', /exports no pipeline: write export default adaptive\(\)/],
  ['puts stages in the wrong order', "import { pipelineOf, race, gater } from 'libp2p-dial-pipeline/stages'\nexport default pipelineOf([race(), gater()])", /InvalidPipelineError: .*stands below "race"/],
  ['imports what is not there', "import { nothing } from 'libp2p-dial-pipeline/stages'\nexport default nothing()", /SyntaxError: .*nothing/]
] as const) {
  browserTest(`the page shows an error for code that ${what}`, async t => {
    const { page, errors } = await open(link({}, code))
    await page.getByRole('button', { name: 'Dial', exact: true }).click()
    await dialled(page)
    t.regex(await page.locator('#a .error').textContent() ?? '', expected)
    t.deepEqual(errors, [])
    await page.close()
  })
}

browserTest('code from a link does not run before Dial is pressed, and its markup adds no element', async t => {
  const { page, errors } = await open(link({}, '</textarea><img src=x onerror="document.title=1"><script>document.title=2</script>'))
  await page.waitForSelector('#foreign:not([hidden])')
  // a running dial has a frame, and a finished one is counted
  t.deepEqual(await page.evaluate(() => [document.querySelectorAll('iframe').length, document.body.dataset['dials']]), [0, undefined])
  t.is(await page.locator('#state').textContent(), '')
  t.is(await page.locator('#panels img').count(), 0)
  t.regex(await page.title(), /playground/)
  t.deepEqual(errors, [])
  await page.close()
})

for (const [what, code, expected] of [
  ['the page', "export default parent.document.title", /SecurityError/],
  ['the storage of the page', 'export default localStorage.length', /SecurityError/],
  ['a network', "export default await fetch(URL_OF_SERVER)", /TypeError: Failed to fetch/],
  ['a network by an import', "export { default } from URL_OF_SERVER", /TypeError: Failed to fetch/],
  ['a network over WebRTC', 'new RTCPeerConnection()', /ReferenceError/],
  ['a network over the WebRTC of a nested frame', "document.createElement('iframe').srcdoc = '<script>new RTCPeerConnection()</script>'", /TypeError: .*TrustedHTML/],
  ['a network by going there', "location.href = URL_OF_SERVER; await new Promise(() => {})", /has not ended/]
] as const) {
  browserTest(`the code of a pipeline does not reach ${what}`, async t => {
    const { page } = await open()
    await dialled(page)
    await page.getByLabel('Code of pipeline A').fill(code.replace('URL_OF_SERVER', `'${server?.url}secret'`))
    await page.getByRole('button', { name: 'Dial', exact: true }).click()
    await dialled(page, 2)
    t.regex(await page.locator('#a .error').textContent() ?? '', expected)
    t.false(server?.requested.includes('secret'))
    await page.close()
  })
}

browserTest('code that never ends is stopped, and the page still works', async t => {
  const { page, errors } = await open()
  await dialled(page)
  await page.getByLabel('Code of pipeline A').fill('while (true) {}')
  await page.getByRole('button', { name: 'Dial', exact: true }).click()
  await dialled(page, 2)
  t.regex(await page.locator('#a .error').textContent() ?? '', /has not ended its dial in 10 s/)
  t.regex(await page.locator('#b .summary').textContent() ?? '', /^Connected/)
  t.deepEqual(errors, [])
  await page.close()
})

browserTest('a forged trace from the code is checked, and its texts are not rendered as markup', async t => {
  const trace = await simulateDial(stock(), USUAL)
  const { page, errors } = await open()
  await dialled(page)

  for (const [forged, expected] of [
    [{ ...trace, candidates: [{ address: '<img src=x onerror=alert(1)>', provenance: [], verdicts: [], attempts: [] }] }, /<img src=x/],
    [{ ...trace, candidates: 3 }, /candidates/],
    ['<b>bold</b>', /trace/]
  ] as const) {
    const dials = Number(await page.locator('body').getAttribute('data-dials'))
    await page.getByLabel('Code of pipeline A').fill(`parent.postMessage(${JSON.stringify({ trace: forged })}, '*')\nawait new Promise(() => {})`)
    await page.getByRole('button', { name: 'Dial', exact: true }).click()
    await dialled(page, dials + 1)
    t.regex(await page.locator('#a').innerText(), expected)
    t.is(await page.locator('#a img, #a b').count(), 0)
  }

  t.deepEqual(errors, [])
  await page.close()
})

browserTest('each starter pipeline dials in each example network', async t => {
  const { page, errors } = await open(link({}, preset('stock'), preset('adaptive')))
  await dialled(page)
  const names = Object.keys(starters)
  const rounds = Math.max(names.length, examples.length)

  for (let i = 0; i < rounds; i++) {
    const { label } = examples[i % examples.length] ?? fail()
    const name = names[i % names.length] ?? fail()
    await page.getByLabel('Example').selectOption(label)
    await page.getByLabel('What pipeline A begins with').selectOption(name)
    await page.getByRole('button', { name: 'Dial', exact: true }).click()
    await dialled(page, i + 2)
    t.deepEqual(await page.locator('.error').allTextContents(), ['', ''], `${name}: ${label}`)
    t.regex(await page.locator('#a .summary').textContent() ?? '', /^(Connected|Failed) after /)
  }

  t.deepEqual(errors, [])
  await page.close()
})

browserTest('buttons copy the code and the link', async t => {
  const { page, errors } = await open(link({ silent: 3 }, preset('goLike')))
  await dialled(page)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])

  for (const [button, expected] of [['#a .copy', preset('goLike')], ['#share', page.url()]] as const) {
    await page.locator(button).click()
    await page.locator(button).filter({ hasText: 'Copied' }).waitFor()
    t.is(await page.evaluate(async () => navigator.clipboard.readText()), expected)
  }

  t.regex(page.url(), /silent=3&a=goLike$/)
  t.deepEqual(errors, [])
  await page.close()
})

browserTest('a link restores the settings of the page', async t => {
  const { page, errors } = await open()
  await dialled(page)
  await page.getByLabel('Example').selectOption('A name that resolves late')
  await page.getByLabel('What pipeline B begins with').selectOption('ranking')
  await page.getByRole('button', { name: 'Dial', exact: true }).click()
  await dialled(page, 2)
  const shown = await page.locator('main').innerText()
  const { page: other, errors: otherErrors } = await open(new URL(page.url()).hash.slice(1))
  await dialled(other)
  t.is(await other.locator('main').innerText(), shown)
  t.is(await other.getByLabel('Example').inputValue(), 'A name that resolves late')
  t.deepEqual([...errors, ...otherErrors], [])
  await Promise.all([page.close(), other.close()])
})

browserTest('the slider shows the dial at a time, and the button plays it', async t => {
  const { page, errors } = await open(link({ silent: 1 }, preset('adaptive')))
  await dialled(page)
  const slider = page.getByLabel('Time of the dial')
  const picture = page.locator('#a svg')
  const end = await slider.getAttribute('max')
  t.regex(await picture.getAttribute('aria-label') ?? '', /connected in/)
  await slider.focus()
  await page.keyboard.press('Home')
  t.regex(await picture.getAttribute('aria-label') ?? '', /running/)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await page.getByRole('button', { name: 'Play again' }).click()
  t.true(Number(await slider.inputValue()) < Number(end))
  await page.waitForFunction(end => document.querySelector<HTMLInputElement>('#time')?.value === end, end, { timeout: 30_000 })
  t.regex(await picture.getAttribute('aria-label') ?? '', /connected in/)
  t.deepEqual(errors, [])
  await page.close()
})

for (const width of [390, 1_280]) {
  browserTest(`the page fits into a window ${width} pixels wide`, async t => {
    const { page } = await open(link({ silent: 6, refusing: 3, relay: 2, webrtc: 2 }, preset('stock'), preset('adaptive')))
    await page.setViewportSize({ width, height: 900 })
    await dialled(page)
    await page.locator('summary').first().click()
    t.is(await page.evaluate(() => document.documentElement.scrollWidth), width)
    await page.close()
  })
}
