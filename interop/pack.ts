import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { show } from './command.ts'
import { fetchPackages } from './install.ts'

const ROOT = join(import.meta.dirname, '..')
const INSTALLED = join(import.meta.dirname, 'installed')

let tarball: Promise<string> | undefined

/** Installs the project's tarball into a folder, as from a registry. Packs the project once */
export async function installPacked (folder: string, args: readonly string[] = []): Promise<void> {
  tarball ??= pack()
  await fetchPackages(folder, ['--no-save', ...args, await tarball])
}

async function pack (): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const code = await show('npm', ['pack', '--silent', `--pack-destination=${INSTALLED}`], ROOT)

  if (code !== 0) {
    throw new Error(`Cannot pack the project: npm pack ended with ${code}`)
  }

  return join(INSTALLED, `${name}-${version}.tgz`)
}
