import { posix } from 'node:path'
import type { Page } from './pages.ts'

export interface SidebarItem {
  readonly text: string
  readonly link?: string
  readonly items?: SidebarItem[]
  readonly collapsed?: boolean
}

const KINDS = [['guides', 'Guides'], ['reference', 'Reference'], ['internals', 'Internals']] as const
const START = ['get-started.md', 'concepts.md']

/** Returns the sidebar: one group for each kind of page, and the title of each page */
export function sidebarOf (pages: readonly Page[]): SidebarItem[] {
  const start = START.flatMap(path => pages.filter(page => page.path === path))

  return [
    { text: 'Start', items: [{ text: 'Overview', link: '/' }, ...start.map(asItem)] },
    ...KINDS.map(([folder, text]) => ({ text, items: [...itemsIn(folder, pages), ...folder === 'reference' ? [{ text: 'API', link: '/api/' }] : []] }))
  ]
}

/** The folder's own page gives the groups, and the order in them. Pages that it does not link to follow, by title */
function itemsIn (folder: string, pages: readonly Page[]): SidebarItem[] {
  const index = pages.find(({ path }) => path === `${folder}/index.md`)
  const groups = index == null ? [] : groupsIn(index, pages)
  const listed = new Set(groups.flatMap(group => group.pages))
  const rest = pages.filter(page => posix.dirname(page.path) === folder && page !== index && !listed.has(page)).toSorted((a, b) => a.title.localeCompare(b.title))
  const folders = [...new Set(pages.map(({ path }) => posix.dirname(path)).filter(path => posix.dirname(path) === folder))]

  return [
    ...index == null ? [] : [{ ...asItem(index), text: 'Overview' }],
    ...groups.flatMap(({ title, pages }) => title === '' ? pages.map(asItem) : [{ text: title, collapsed: true, items: pages.map(asItem) }]),
    ...rest.map(asItem),
    ...folders.map(path => ({ text: pages.find(page => page.path === `${path}/index.md`)?.title ?? posix.basename(path), collapsed: true, items: itemsIn(path, pages) }))
  ]
}

/** The pages of the same folder that each section of a page links to. A page is in one group */
function groupsIn (index: Page, pages: readonly Page[]): Array<{ title: string, pages: Page[] }> {
  const seen = new Set<Page>()

  return index.markdown.split(/^## /m).map((section, i) => ({
    title: i === 0 ? '' : section.split('\n')[0] ?? '',
    pages: Array.from(section.matchAll(/\]\(([\w-]+\.md)[^)]*\)/g), ([, link]) => pages.find(({ path }) => path === posix.join(posix.dirname(index.path), link ?? '')))
      .filter((page): page is Page => page != null && !seen.has(page) && seen.add(page) != null)
  })).filter(group => group.pages.length > 0)
}

function asItem ({ path, title }: Page): SidebarItem {
  return { text: title, link: `/${path.replace(/(?:index)?\.md$/, '')}` }
}
