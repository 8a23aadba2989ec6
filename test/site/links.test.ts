import test from 'ava'
import { pathOnSite, rewriteLinks } from '../../site/links.ts'

const REPOSITORY = 'https://example.org/project'

const rewritten = (markdown: string, file = 'docs/guides/persist.md'): string => rewriteLinks(markdown, file, REPOSITORY)

test('a page keeps its path, and the page of a folder is its index', t => {
  t.is(pathOnSite('docs/guides/persist.md'), 'guides/persist.md')
  t.is(pathOnSite('docs/guides/README.md'), 'guides/index.md')
  t.is(pathOnSite('README.md'), 'index.md')
  t.is(pathOnSite('test/docs.test.ts'), undefined)
})

test('a link to a page leads to the page of the site, with its heading', t => {
  t.is(rewritten('[a](../reference/stages.md#filters)'), '[a](../reference/stages.md#filters)')
  t.is(rewritten('[a](README.md)'), '[a](./index.md)')
  t.is(rewritten('[a](docs/guides/persist.md)', 'README.md'), '[a](./guides/persist.md)')
})

test('a link over two lines is rewritten', t => {
  t.is(rewritten('[a\nb](docs/guides/persist.md)', 'README.md'), '[a\nb](./guides/persist.md)')
})

test('a link to a file or a folder that is no page leads to the repository', t => {
  t.is(rewritten('[a](../../test/docs.test.ts)'), `[a](${REPOSITORY}/blob/main/test/docs.test.ts)`)
  t.is(rewritten('[a](../../src/dialer)'), `[a](${REPOSITORY}/tree/main/src/dialer)`)
})

test('images stand under /images, in Markdown and in HTML', t => {
  t.is(rewritten('![a](../images/waterfall.svg)'), '![a](/images/waterfall.svg)')
  t.is(rewritten('<img src="docs/images/waterfall.svg">', 'README.md'), '<img src="/images/waterfall.svg">')
})

test('the text of a link may be an image', t => {
  t.is(rewritten('[![a](../images/waterfall.svg)](persist.md)'), '[![a](/images/waterfall.svg)](./persist.md)')
})

test('web addresses, headings of the page and blocks of code stay as they are', t => {
  for (const text of ['[a](https://example.org/x)', '[a](#here)', '```md\n[a](none.md)\n```']) {
    t.is(rewritten(text), text)
  }
})

test('a link to a file that does not exist is an error', t => {
  t.throws(() => rewritten('[a](none.md)'), { message: 'docs/guides/persist.md links to none.md, which does not exist' })
})
