import test from 'ava'
import { stop as endCompiler } from 'esbuild'
import { dose } from '../support/dose.ts'
import { browserTest } from './browser-test.ts'
import { openPage, startChromium } from './chromium.ts'
import { serve } from './serve.ts'
import { bundleTests } from './unit/bundle.ts'
import type { Outcome } from './unit/ava.ts'
import type { StaticServer } from './serve.ts'
import type { Browser } from 'playwright-core'

const FOLDERS = 'test/{pipeline,stages,history}/**/*.test.ts'

let browser: Browser | undefined
let server: StaticServer | undefined

test.after.always(async () => {
  await browser?.close()
  await server?.close()
  await endCompiler()
})

browserTest('the unit tests of pipeline, stages and history pass in Chromium', async t => {
  t.timeout(900_000)
  const { files, tests, runner, needNode } = await bundleTests(FOLDERS)
  server = await serve(new Map([...files, ['index.html', '<!doctype html><meta charset="utf-8"><title>Unit tests</title>']]))
  const every = Math.ceil(tests.length / dose(tests.length))
  const chosen = tests.filter((_, i) => i % every === 0)
  const failures: string[] = []
  let passed = 0
  browser = await startChromium()

  for (const file of chosen) {
    // each test file gets a new page, as ava gives each file a process
    const { page, errors } = await openPage(browser)
    await page.goto(server.url)
    const outcomes = await page.evaluate(async ([runner, file]): Promise<Outcome[]> => {
      await import(`/${file}`)

      return (await import(`/${runner}`)).runDeclared()
    }, [runner, file] as const)

    failures.push(...outcomes.flatMap(({ title, error }) => error == null ? [] : `${file}: ${title}: ${error}`), ...errors.map(error => `${file}: ${error}`))
    passed += outcomes.length
    await page.close()
  }

  t.deepEqual(failures, [])
  t.log(`${passed} tests of ${chosen.length} files; ${needNode.size} files need Node.js`)
  t.true(passed >= 3 * chosen.length, `${passed}`)
  // limits how many test files a helper that imports Node.js modules may exclude
  t.true(needNode.size * 5 <= tests.length, [...needNode].map(entry => entry.join(': ')).join('\n'))
})
