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

/** The pages that the folder's own page links to come first, in that order. Titles order the others */
function itemsIn (folder: string, pages: readonly Page[]): SidebarItem[] {
  const index = pages.find(({ path }) => path === `${folder}/index.md`)
  const listed = [...index?.markdown.matchAll(/\]\(([\w/-]+\.md)[^)]*\)/g) ?? []].map(([, link = '']) => posix.join(folder, link).replace('README.md', 'index.md'))
  const place = ({ path }: Page): number => listed.includes(path) ? listed.indexOf(path) : Infinity
  const inFolder = pages.filter(({ path }) => posix.dirname(path) === folder && path !== index?.path)
  const folders = [...new Set(pages.map(({ path }) => posix.dirname(path)).filter(path => posix.dirname(path) === folder))]
  const byPlace = inFolder.toSorted((a, b) => (Math.sign(place(a) - place(b)) || 0) || a.title.localeCompare(b.title))

  return [
    ...index == null ? [] : [asItem(index)],
    ...byPlace.map(asItem),
    ...folders.map(path => ({ text: pages.find(page => page.path === `${path}/index.md`)?.title ?? posix.basename(path), collapsed: true, items: itemsIn(path, pages) }))
  ]
}

function asItem ({ path, title }: Page): SidebarItem {
  return { text: title, link: `/${path.replace(/(?:index)?\.md$/, '')}` }
}
