import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'ava'
import { mapProse, slugify } from '../../site/markdown.ts'
import { root } from '../support/root.ts'
import { pages } from './modules.ts'

const FRAGMENT = /\]\(([^)\s#:]*)#([^)\s]+)\)/g
const TARGET = /(?:\]\(|(?:src|srcset|href)=")([^)\s"#]+)/g

/** Returns every page that a reader of the repository sees */
async function allPages (): Promise<string[]> {
  return [...await pages(), 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
}

function targetsIn (markdown: string): string[] {
  return [...markdown.matchAll(TARGET)].map(([, target = '']) => target).filter(target => !/^[a-z]+:/.test(target))
}

test('links between pages lead to files that exist', async t => {
  const missing: string[] = []

  for (const page of await allPages()) {
    for (const target of targetsIn(await readFile(join(root, page), 'utf8'))) {
      await access(join(root, dirname(page), target)).catch(() => missing.push(`${page}: ${target}`))
    }
  }

  t.deepEqual(missing, [])
})

test('targetsIn() finds links of text and of images, and skips web addresses', t => {
  t.deepEqual(targetsIn('[a](b.md#c) [d](https://example.org/) <img src="e.png">'), ['b.md', 'e.png'])
})

/** Returns the ids that GitHub gives to the headings of a page */
function headingsOf (markdown: string): Set<string> {
  const ids = new Set<string>()
  mapProse(markdown, prose => {
    for (const [, heading = ''] of prose.matchAll(/^#+ (.+)$/gm)) {
      ids.add(slugify(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')))
    }

    return prose
  })

  return ids
}

test('a link to a heading of a page leads to a heading that exists', async t => {
  const texts = new Map(await Promise.all((await pages()).map(async page => [page, await readFile(join(root, page), 'utf8')] as const)))
  const missing = [...texts].flatMap(([page, text]) => [...text.matchAll(FRAGMENT)].flatMap(([, file = '', id = '']) => {
    const target = texts.get(file === '' ? page : join(dirname(page), file))

    return target == null || headingsOf(target).has(id) ? [] : [`${page}: ${file}#${id}`]
  }))

  t.deepEqual(missing, [])
})

test('the ids of headings are those of GitHub, and a block of code has none', t => {
  t.deepEqual([...headingsOf('# The `race()`, once\n\n```sh\n# a comment\n```\n\n## It’s a [link](x.md)\n')], ['the-race-once', 'its-a-link'])
})
