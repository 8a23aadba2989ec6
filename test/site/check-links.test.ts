import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { checkLinks } from '../../site/check-links.ts'

async function deadLinks (files: Readonly<Record<string, string>>, base = '/'): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'site-'))

  for (const [file, html] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), html)
  }

  const dead = await checkLinks(folder, base)
  await rm(folder, { recursive: true })

  return dead
}

const link = (to: string): string => `<a class="x" href="${to}">x</a>`

test('finds links to pages and to elements that do not exist', async t => {
  t.deepEqual(await deadLinks({ 'index.html': link('/none') + link('guides/a#none'), 'guides/a.html': '<h1 id="top">A</h1>' }), ['index.html: /none', 'index.html: guides/a#none'])
})

test('follows links with and without an ending, to folders, elements and files', async t => {
  const files = {
    'index.html': ['/guides/a', 'guides/a.html', './guides/', '/guides/a#top', '#here', '/x.png', 'https://example.org/'].map(link).join('') + '<i id="here"></i>',
    'guides/index.html': link('a#top'),
    'guides/a.html': '<h1 id="top">A</h1>',
    'x.png': ''
  }

  t.deepEqual(await deadLinks(files), [])
})

test('a link begins with the base of the site', async t => {
  t.deepEqual(await deadLinks({ 'index.html': link('/docs/a'), 'a.html': '' }, '/docs/'), [])
})
