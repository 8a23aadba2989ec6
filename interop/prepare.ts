import { spawnSync } from 'node:child_process'
import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { install, NotInstallableError } from './install.ts'
import { installPacked } from './pack.ts'
import type { Consumer } from './consumer.ts'
import type { Installed } from './install.ts'

const ROOT = join(import.meta.dirname, '..')

const SETTINGS = ['tsconfig.json', 'tsconfig.test.json']

/** The folders that are copied, not linked: Node.js resolves packages from the real path of a file */
const SOURCE = ['src', 'presets', 'test']

export interface Prepared {
  readonly folder: string
  readonly installed: Installed
}

/** Fills a consumer's folder with its packages and the current project. Tools resolve to the project's */
export async function prepare ({ name, packages, folder, files = [], program, setup, isPacked = false, hasOwnPeers = false }: Consumer): Promise<Prepared> {
  if (program != null && spawnSync(program.name, ['--version'], { stdio: 'ignore' }).error != null) {
    throw new NotInstallableError(`needs ${program.name}: ${program.install}`)
  }

  const target = join(import.meta.dirname, 'installed', name)
  const { dependencies, devDependencies, ava, ...project } = await readJson('package.json')
  const { packages: locked } = await readJson('package-lock.json')
  // the tarball brings its own dependencies
  const own = [...isPacked ? [] : Object.keys(dependencies), ...Object.keys(devDependencies).filter(isLibp2p)]

  const peers = hasOwnPeers ? ['--legacy-peer-deps'] : []

  const installed = await install(target, {
    name: isPacked ? `${project.name}-${name}` : project.name,
    private: true,
    type: project.type,
    ava: { ...ava, files: ['**/*.test.ts'], ...setup == null ? {} : { require: [`./${setup}`] } },
    dependencies: { ...Object.fromEntries(own.map(one => [one, locked[`node_modules/${one}`].version])), ...packages }
  }, peers)

  if (isPacked) {
    await installPacked(target, peers)
  }

  const copied = [...SETTINGS, ...isPacked ? [] : SOURCE, ...folder == null ? [] : [`interop/${folder}`], ...files]

  for (const path of copied) {
    await rm(join(target, path), { recursive: true, force: true })
    await cp(join(ROOT, path), join(target, path), { recursive: true })
  }

  return { folder: target, installed }
}

async function readJson (path: string): Promise<any> {
  return JSON.parse(await readFile(join(ROOT, path), 'utf8'))
}

/** Packages from which the tests make nodes */
function isLibp2p (name: string): boolean {
  return name === 'libp2p' || name.startsWith('@libp2p/') || name.startsWith('@chainsafe/libp2p-')
}
