// Counts the files that one dial of `staggered()` to one address runs through, from V8's coverage: node bench/dial-path.ts.
// Exits with 1 if the number has grown
import { Session } from 'node:inspector/promises'
import { basename, dirname, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { staggered } from '../presets/index.ts'
import { noOpNode } from './no-op-node.ts'
import { targets } from './targets.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The maximum number of files on the path of a dial. Only lower this number */
const MOST = 75

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OURS = [`${pathToFileURL(ROOT)}src/`, `${pathToFileURL(ROOT)}presets/`]
/** Unmeasured dials: code that runs once a process is not on the path of a dial */
const WARM_UP = 50

const node = await noOpNode(staggered(), {})
const [last, ...before] = targets(WARM_UP + 1, 1) as [Multiaddr[], ...Multiaddr[][]]

for (const target of before) {
  await node.dial(target)
}

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
await node.dial(last)
const { result } = await session.post('Profiler.takePreciseCoverage')
session.disconnect()
await node.stop()

const files = result
  .filter(({ url, functions }) => OURS.some(folder => url.startsWith(folder)) && functions.some(({ functionName, ranges }) => functionName !== '' && ranges.some(({ count }) => count > 0)))
  .map(({ url }) => relative(ROOT, fileURLToPath(url)))
  .toSorted()

for (const [room, all] of Map.groupBy(files, dirname)) {
  console.log(`${all.length} of ${room}: ${all.map(file => basename(file, '.ts')).join(', ')}`)
}

const isMet = files.length <= MOST
console.log(`${isMet ? 'met    ' : 'NOT MET'}  a dial runs through at most ${MOST} files (counted: ${files.length})`)
process.exitCode = isMet ? 0 : 1
