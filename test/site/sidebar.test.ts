import test from 'ava'
import { sidebarOf } from '../../site/sidebar.ts'

const page = (path: string, title: string, markdown = `# ${title}`): Parameters<typeof sidebarOf>[0][number] => ({ path, title, markdown })

const pages = [
  page('index.md', 'The package'),
  page('concepts.md', 'Concepts'),
  page('get-started.md', 'Get started'),
  page('guides/index.md', 'Guides', '# Guides\n\n## Dial\n\n[b](b.md) [a](a.md#x)\n\n## Trust\n\n[a](a.md) [c](../reference/c.md)\n'),
  page('guides/a.md', 'A'),
  page('guides/b.md', 'B'),
  page('guides/new.md', 'New'),
  page('reference/c.md', 'C'),
  page('internals/decisions/index.md', 'Decisions'),
  page('internals/decisions/d.md', 'D')
]
const [start, guides, reference, internals] = sidebarOf(pages)

test('the pages to start with come first', t => {
  t.deepEqual(start, { text: 'Start', items: [{ text: 'Overview', link: '/' }, { text: 'Get started', link: '/get-started' }, { text: 'Concepts', link: '/concepts' }] })
})

test('the page of a folder gives groups and order, and a page that it does not list follows', t => {
  t.deepEqual(guides?.items, [
    { text: 'Overview', link: '/guides/' },
    { text: 'Dial', collapsed: true, items: [{ text: 'B', link: '/guides/b' }, { text: 'A', link: '/guides/a' }] },
    { text: 'New', link: '/guides/new' }
  ])
})

test('the API stands at the end of the reference', t => {
  t.deepEqual(reference?.items, [{ text: 'C', link: '/reference/c' }, { text: 'API', link: '/api/' }])
})

test('a folder in a folder is a group with the title of its page', t => {
  t.deepEqual(internals?.items, [{ text: 'Decisions', collapsed: true, items: [{ text: 'Overview', link: '/internals/decisions/' }, { text: 'D', link: '/internals/decisions/d' }] }])
})
