import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { site } from './paths.ts'
import { run } from './run.ts'

const lock = join(site, 'package-lock.json')
const mark = join(site, 'node_modules/.installed-lock.json')

/** Installs the packages of the lock file, unless they are installed */
export async function install (): Promise<void> {
  const [wanted, installed] = await Promise.all([readFile(lock, 'utf8'), readFile(mark, 'utf8').catch(() => '')])

  if (wanted !== installed) {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], site)
    await writeFile(mark, wanted)
  }
}
