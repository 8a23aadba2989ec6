import { glob, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'

/** Returns the links of a built site that lead to no file, or to no element of the page */
export async function checkLinks (folder: string, base: string): Promise<string[]> {
  const pages = new Map<string, string>()
  const files = new Set<string>()

  for await (const file of glob('**/*.*', { cwd: folder })) {
    files.add(file)

    if (file.endsWith('.html') && !file.startsWith('playground/')) {
      pages.set(file, await readFile(join(folder, file), 'utf8'))
    }
  }

  const ids = new Map(Array.from(pages, ([file, html]) => [file, new Set(Array.from(html.matchAll(/ (?:id|name)="([^"]+)"/g), ([, id = '']) => id))]))

  return Array.from(pages, ([file, html]) => Array.from(html.matchAll(/<a[^>]* href="([^"]+)"/g), ([, link = '']) => link)
    .filter(link => !/^[a-z]+:/.test(link) && !isAlive(link, file))
    .map(link => `${file}: ${link}`)).flat()

  function isAlive (link: string, from: string): boolean {
    const [path = '', fragment = ''] = decodeURIComponent(link.replaceAll('&amp;', '&')).split('#')
    const target = path === '' ? from : path.startsWith(base) ? path.slice(base.length) : posix.join(posix.dirname(from), path)
    const file = [target, `${target}.html`, posix.join(target, 'index.html')].find(one => files.has(one))

    return file != null && (fragment === '' || ids.get(file)?.has(fragment) !== false)
  }
}
