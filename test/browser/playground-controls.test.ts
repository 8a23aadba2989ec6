import test from 'ava'
import { browserTest } from './browser-test.ts'
import { closePlayground, dialled, link, openPlayground, preset, pressDial } from './playground.ts'

test.after.always(closePlayground)

browserTest('buttons copy the code and the link', async t => {
  const { page, errors } = await openPlayground(link({ silent: 3 }, preset('goLike')))
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
  const { page, errors } = await openPlayground()
  await dialled(page)
  await page.getByLabel('Example').selectOption('A name that resolves late')
  await page.getByLabel('What pipeline B begins with').selectOption('ranking')
  await pressDial(page, 2)
  const shown = await page.locator('main').innerText()
  const { page: other, errors: otherErrors } = await openPlayground(new URL(page.url()).hash.slice(1))
  await dialled(other)
  t.is(await other.locator('main').innerText(), shown)
  t.is(await other.getByLabel('Example').inputValue(), 'A name that resolves late')
  t.deepEqual([...errors, ...otherErrors], [])
  await Promise.all([page.close(), other.close()])
})

browserTest('the slider shows the dial at a time, and the button plays it', async t => {
  const { page, errors } = await openPlayground(link({ silent: 1 }, preset('adaptive')))
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
    const { page } = await openPlayground(link({ silent: 6, refusing: 3, relay: 2, webrtc: 2 }, preset('stock'), preset('adaptive')))
    await page.setViewportSize({ width, height: 900 })
    await dialled(page)
    await page.locator('summary').first().click()
    t.is(await page.evaluate(() => document.documentElement.scrollWidth), width)
    await page.close()
  })
}
