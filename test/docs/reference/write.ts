// Writes the tables of docs/reference from the code: `npm run reference`
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../support/root.ts'
import { pageNames, readPage } from './pages.ts'

for (const page of pageNames) {
  const { stands, should } = await readPage(page)

  if (stands !== should) {
    await writeFile(join(root, page), should)
    process.stdout.write(`${page}\n`)
  }
}
