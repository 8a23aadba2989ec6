import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathOnSite, rewriteLinks } from './links.ts'
import { titleOf } from './markdown.ts'
import { assets, base, content, root, site } from './paths.ts'

export interface Page {
  /** Relative to the content of the site: `guides/persist.md` */
  readonly path: string
  readonly title: string
  /** As in the project: links are as they stand there */
  readonly markdown: string
}

/** Writes the pages of the project as VitePress reads them, with their pictures. Returns all pages */
export async function writePages (): Promise<Page[]> {
  const { repository } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { repository: { url: string } }
  const url = repository.url.replace(/^git\+/, '').replace(/\.git$/, '')
  const pages: Page[] = []

  await rm(content, { recursive: true, force: true })
  await mkdir(assets, { recursive: true })
  await cp(join(root, 'docs/images'), join(assets, 'images'), { recursive: true })
  await cp(join(site, 'icon.svg'), join(assets, 'icon.svg'))

  for await (const file of glob('{README.md,docs/**/*.md}', { cwd: root })) {
    const markdown = await readFile(join(root, file), 'utf8')
    const path = pathOnSite(file) ?? file
    const text = withPlayground(path, bothSchemes(rewriteLinks(markdown, file, url)))

    pages.push({ path, title: titleOf(markdown, file), markdown })
    await write(path, path === 'index.md' ? `${await readFile(join(site, 'home.md'), 'utf8')}\n${text.replace(/^# .*\n/, '')}` : text)
  }

  return pages
}

/** The reader chooses light or dark on the site, which a media query does not know */
function bothSchemes (markdown: string): string {
  return markdown.replaceAll(/<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)"\s*\/?>\s*<img([^>]*?) src="([^"]+)"([^>]*)>\s*<\/picture>/g, (_, dark: string, before: string, light: string, after: string) => {
    return `<img class="only-light"${before} src="${light}"${after}><img class="only-dark"${before} src="${dark}"${after}>`
  })
}

/** On the site the playground is built already */
function withPlayground (path: string, markdown: string): string {
  return path === 'guides/playground.md' ? markdown.replace(/^(# .*\n)/, `$1\n<a href="${base}playground/index.html" target="_self">Open the playground</a>\n`) : markdown
}

async function write (path: string, text: string): Promise<void> {
  await mkdir(dirname(join(content, path)), { recursive: true })
  await writeFile(join(content, path), text)
}
