import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generated, site } from './paths.ts'
import { run } from './run.ts'
import type { SidebarItem } from './sidebar.ts'

/** As typedoc-plugin-markdown writes it */
interface Entry {
  readonly title: string
  readonly path?: string
  readonly children?: readonly Entry[]
}

/** Writes the reference of every entry of the package as Markdown. Returns the sidebar of each entry, by the path of its pages */
export async function writeApi (): Promise<Record<string, SidebarItem[]>> {
  await run(join(site, 'node_modules/.bin/typedoc'), ['--options', 'typedoc.json'], site)
  const [main] = JSON.parse(await readFile(join(generated, 'api.json'), 'utf8')) as Entry[]
  // the other entries are below the one that their names begin with
  const modules = [main, ...main?.children ?? []].filter(one => one?.path?.endsWith('index.md') === true) as Entry[]
  const overview = { text: 'API', items: [{ text: 'Overview', link: '/api/' }, ...modules.map(({ title, path }) => asItem({ title, path }))] }

  return Object.fromEntries([
    ['/api/', [overview]],
    ...modules.map(({ title, path, children = [] }) => [linkTo(path), [overview, { text: title, items: children.filter(one => !modules.includes(one)).map(asItem) }]])
  ])
}

function asItem ({ title, path, children = [] }: Entry): SidebarItem {
  return {
    text: title,
    ...path != null && { link: linkTo(path) },
    ...children.length > 0 && { collapsed: true, items: children.map(asItem) }
  }
}

function linkTo (path = ''): string {
  return `/api/${path.replace(/(?:index)?\.md$/, '')}`
}
