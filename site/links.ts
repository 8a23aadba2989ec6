import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { mapProse } from './markdown.ts'
import { root } from './paths.ts'

/** Returns where a page of the project stands on the site, and undefined for a file that is no page */
export function pathOnSite (file: string): string | undefined {
  return file === 'README.md' ? 'index.md' : file.endsWith('.md') && file.startsWith('docs/') ? file.slice('docs/'.length).replace(/README\.md$/, 'index.md') : undefined
}

/**
 * Returns a page whose links lead to pages of the site. Links to other files lead to the repository
 *
 * @param file the page, relative to the root
 * @throws Error for a link to a file that does not exist
 */
export function rewriteLinks (markdown: string, file: string, repository: string): string {
  const here = posix.dirname(pathOnSite(file) ?? '')

  function targetOf (link: string): string {
    const [, path = '', fragment = ''] = /^([^#]*)(.*)$/.exec(link) ?? []
    const target = posix.join(posix.dirname(file), path).replace(/\/$/, '')

    if (/^[a-z]+:/.test(link) || path === '') {
      return link
    }

    if (!existsSync(join(root, target))) {
      throw new Error(`${file} links to ${link}, which does not exist`)
    }

    if (target.startsWith('docs/images/')) {
      return target.slice('docs'.length)
    }

    const isFolder = statSync(join(root, target)).isDirectory()
    const page = pathOnSite(isFolder && existsSync(join(root, target, 'README.md')) ? `${target}/README.md` : target)

    return page != null ? `${relative(here, page)}${fragment}` : `${repository}/${isFolder ? 'tree' : 'blob'}/main/${target}${fragment}`
  }

  return mapProse(markdown, prose => prose
    .replaceAll(/\]\(([^)\s]+)\)/g, (_, link: string) => `](${targetOf(link)})`)
    .replaceAll(/\b(src|srcset|href)="([^"]+)"/g, (_, name: string, link: string) => `${name}="${targetOf(link)}"`))
}

function relative (from: string, to: string): string {
  const path = posix.relative(from, to)

  return path.startsWith('.') ? path : `./${path}`
}
