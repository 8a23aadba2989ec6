import test from 'ava'
import { USUAL } from '../../docs/playground/settings.ts'
import { simulateDial } from '../../docs/playground/simulate-dial.ts'
import { stock } from '../../presets/index.ts'
import { browserTest } from './browser-test.ts'
import { closePlayground, dialled, link, openPlayground, pressDial } from './playground.ts'

test.after.always(closePlayground)

for (const [what, code, expected] of [
  ['is no JavaScript', 'export default (', /SyntaxError/],
  ['exports a factory', "export { staggered as default } from 'libp2p-dial-pipeline/presets'", /the default export needs a pipeline, not a factory: call it as staggered\(\)/],
  ['exports nothing', 'const a = 1', /exports no pipeline: write export default adaptive\(\)/],
  ['puts stages in the wrong order', "import { pipelineOf, race, gater } from 'libp2p-dial-pipeline/stages'\nexport default pipelineOf([race(), gater()])", /InvalidPipelineError: .*stands below "race"/],
  ['imports what is not there', "import { nothing } from 'libp2p-dial-pipeline/stages'\nexport default nothing()", /SyntaxError: .*nothing/]
] as const) {
  browserTest(`the page shows an error for code that ${what}`, async t => {
    const { page, errors } = await openPlayground(link({}, code))
    await pressDial(page)
    t.regex(await page.locator('#a .error').textContent() ?? '', expected)
    t.deepEqual(errors, [])
    await page.close()
  })
}

browserTest('code from a link does not run before Dial is pressed, and its markup adds no element', async t => {
  const { page, errors } = await openPlayground(link({}, '</textarea><img src=x onerror="document.title=1"><script>document.title=2</script>'))
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
    const { page, server } = await openPlayground()
    await dialled(page)
    await page.getByLabel('Code of pipeline A').fill(code.replace('URL_OF_SERVER', `'${server.url}secret'`))
    await pressDial(page, 2)
    t.regex(await page.locator('#a .error').textContent() ?? '', expected)
    t.false(server.requested.includes('secret'))
    await page.close()
  })
}

browserTest('code that never ends is stopped, and the page still works', async t => {
  const { page, errors } = await openPlayground()
  await dialled(page)
  await page.getByLabel('Code of pipeline A').fill('while (true) {}')
  await pressDial(page, 2)
  t.regex(await page.locator('#a .error').textContent() ?? '', /has not ended its dial in 10 s/)
  t.regex(await page.locator('#b .summary').textContent() ?? '', /^Connected/)
  t.deepEqual(errors, [])
  await page.close()
})

browserTest('a forged trace from the code is checked, and its texts are not rendered as markup', async t => {
  const trace = await simulateDial(stock(), USUAL)
  const { page, errors } = await openPlayground()
  await dialled(page)

  for (const [forged, expected] of [
    [{ ...trace, candidates: [{ address: '<img src=x onerror=alert(1)>', provenance: [], verdicts: [], attempts: [] }] }, /<img src=x/],
    [{ ...trace, candidates: 3 }, /candidates/],
    ['<b>bold</b>', /trace/]
  ] as const) {
    const dials = Number(await page.locator('body').getAttribute('data-dials'))
    await page.getByLabel('Code of pipeline A').fill(`parent.postMessage(${JSON.stringify({ trace: forged })}, '*')\nawait new Promise(() => {})`)
    await pressDial(page, dials + 1)
    t.regex(await page.locator('#a').innerText(), expected)
    t.is(await page.locator('#a img, #a b').count(), 0)
  }

  t.deepEqual(errors, [])
  await page.close()
})
