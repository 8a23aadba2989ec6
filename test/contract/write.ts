import { writeFile } from 'node:fs/promises'
import { FILE, table } from './table.ts'

await writeFile(FILE, await table())
