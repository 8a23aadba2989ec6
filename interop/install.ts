import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { complaint } from './command.ts'

const TIMEOUT = 90_000

const OPTIONS = ['--no-package-lock', '--ignore-scripts', '--prefer-offline', '--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=1000']

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/** Versions by path. A path with several packages is a nested copy, which only the first of them uses */
export type Installed = ReadonlyMap<string, string>

/** A network, registry or platform prevents the installation */
export class NotInstallableError extends Error {
  static override name = 'NotInstallableError'
  override name = 'NotInstallableError'
}

/** Installs a manifest's packages into their own folder, unless they are installed already */
export async function install (folder: string, manifest: Manifest, args: readonly string[] = []): Promise<Installed> {
  const file = join(folder, 'package.json')
  const text = `${JSON.stringify(manifest, null, 2)}\n`

  if (await readFile(file, 'utf8').catch(() => '') !== text) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await writeFile(file, text)
  }

  return await installed(folder, manifest) ?? await fetch(folder, manifest, args)
}

/**
 * Runs `npm install` in a folder
 *
 * @throws NotInstallableError when npm fails
 */
export async function fetchPackages (folder: string, args: readonly string[] = []): Promise<void> {
  const reason = await complaint('npm', ['install', ...OPTIONS, ...args], folder, TIMEOUT)

  if (reason != null) {
    throw new NotInstallableError(reason)
  }
}

async function fetch (folder: string, manifest: Manifest, args: readonly string[]): Promise<Installed> {
  await fetchPackages(folder, args)
  const there = await installed(folder, manifest)

  if (there == null) {
    throw new Error(`npm did not install what ${folder} asks for`)
  }

  return there
}

/** Returns undefined when a package is missing, because Node.js would find another version further up */
async function installed (folder: string, { dependencies }: Manifest): Promise<Installed | undefined> {
  const text = await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8').catch(() => '{ "packages": {} }')
  const { packages } = JSON.parse(text) as { packages: Record<string, { version: string }> }
  const versions = new Map(Object.entries(packages).map(([path, { version }]) => [path.replace(/^node_modules\//, ''), version]))

  return Object.entries(dependencies).every(([name, version]) => versions.get(name) === version) ? versions : undefined
}
