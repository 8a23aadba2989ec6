// Builds the site into site/dist: `npm run site`. Only the installation of its packages uses the network
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { playground } from '../docs/playground/build.ts'
import { writeApi } from './api.ts'
import { checkLinks } from './check-links.ts'
import { install } from './install.ts'
import { writePages } from './pages.ts'
import { assets, base, generated, output, root, site } from './paths.ts'
import { run } from './run.ts'
import { sidebarOf } from './sidebar.ts'

await install()
await run(join(site, 'node_modules/.bin/tsc'), ['--noEmit', '-p', site], site)
// here, because the linter needs the types of these packages
await run(join(root, 'node_modules/.bin/oxlint'), ['--deny-warnings', 'site'], root)

const pages = await writePages()
const api = await writeApi()
await writeFile(join(generated, 'sidebar.json'), JSON.stringify({ ...api, '/': sidebarOf(pages) }))
await mkdir(join(assets, 'playground'), { recursive: true })
await writeFile(join(assets, 'playground/index.html'), await playground())

// fails on a link to a page that does not exist
await run(join(site, 'node_modules/.bin/vitepress'), ['build', site], site)

const dead = await checkLinks(output, base)

if (dead.length > 0) {
  throw new Error(`Dead links:\n${dead.join('\n')}`)
}
