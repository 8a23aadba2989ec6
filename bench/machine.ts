import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, type } from 'node:os'

/** Describes the machine, the versions and the date of a measurement */
export function machine (): string {
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/libp2p/package.json', import.meta.url), 'utf8')) as { version: string }

  return `${new Date().toISOString().slice(0, 10)}, libp2p ${version}, Node.js ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, ${type()} ${release()}`
}
