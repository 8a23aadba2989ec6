import test from 'ava'
import { examples } from '../../docs/playground/examples.ts'
import { USUAL } from '../../docs/playground/settings.ts'
import { simulateDial } from '../../docs/playground/simulate-dial.ts'
import { starters } from '../../docs/playground/starters.ts'
import { adaptive, stock } from '../../presets/index.ts'
import { browserTest } from './browser-test.ts'
import { closePlayground, dialled, link, openPlayground, preset, pressDial } from './playground.ts'
import type { Page } from 'playwright-core'

test.after.always(closePlayground)

/** Returns the page's description of the address that won, in words and in the picture */
async function winnersOf (page: Page, panel = '#a'): Promise<{ story: string | null, picture: string | null }> {
  return {
    story: await page.locator(`${panel} .story tr[data-outcome="connected"] th`).textContent(),
    picture: await page.locator(`${panel} svg`).getAttribute('aria-label')
  }
}

for (const isFile of [true, false]) {
  browserTest(`the playground dials and shows the right winner when opened ${isFile ? 'from a file' : 'from a web server'}`, async t => {
    const { page, errors } = await openPlayground(link({ silent: 2 }, preset('stock'), preset('adaptive')), isFile)
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
  const { page, errors } = await openPlayground(link({ silent: 0, tcp: 2 }, preset('stock')))
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
    const { page, errors } = await openPlayground(link(network, preset('stock')))
    await dialled(page)
    t.regex(await page.locator('#a .story').innerText(), expected)
    t.deepEqual(errors, [])
    await page.close()
  })
}

function fail (): never {
  throw new Error('there is none')
}

browserTest('each starter pipeline dials in each example network', async t => {
  const { page, errors } = await openPlayground(link({}, preset('stock'), preset('adaptive')))
  await dialled(page)
  const names = Object.keys(starters)
  const rounds = Math.max(names.length, examples.length)

  for (let i = 0; i < rounds; i++) {
    const { label } = examples[i % examples.length] ?? fail()
    const name = names[i % names.length] ?? fail()
    await page.getByLabel('Example').selectOption(label)
    await page.getByLabel('What pipeline A begins with').selectOption(name)
    await pressDial(page, i + 2)
    t.deepEqual(await page.locator('.error').allTextContents(), ['', ''], `${name}: ${label}`)
    t.regex(await page.locator('#a .summary').textContent() ?? '', /^(Connected|Failed) after /)
  }

  t.deepEqual(errors, [])
  await page.close()
})
