import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'
import { pages } from './modules.ts'

const TARGET = /(?:\]\(|(?:src|srcset|href)=")([^)\s"#]+)/g

function targetsIn (markdown: string): string[] {
  return [...markdown.matchAll(TARGET)].map(([, target = '']) => target).filter(target => !/^[a-z]+:/.test(target))
}

test('links between pages lead to files that exist', async t => {
  const missing: string[] = []

  for (const page of await pages()) {
    for (const target of targetsIn(await readFile(join(root, page), 'utf8'))) {
      await access(join(root, dirname(page), target)).catch(() => missing.push(`${page}: ${target}`))
    }
  }

  t.deepEqual(missing, [])
})

test('targetsIn() finds links of text and of images, and skips web addresses', t => {
  t.deepEqual(targetsIn('[a](b.md#c) [d](https://example.org/) <img src="e.png">'), ['b.md', 'e.png'])
})
