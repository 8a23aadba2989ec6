import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { noOpNode } from './no-op-node.ts'
import { targets } from './targets.ts'
const [folder = '.', preset = 'staggered'] = process.argv.slice(2)
const load = async (entry: string): Promise<any> => import(pathToFileURL(join(resolve(folder), 'dist', entry, 'index.js')).href)
const [{ dialer }, presets] = [await load('src'), await load('presets')]
const node = await noOpNode(presets[preset](), { dialer })
const all = targets(6_000, 1) as any[]
for (const one of all.slice(0, 3_000)) await node.dial(one)
;(globalThis as any).gc?.()
const m0 = process.memoryUsage().heapUsed; for (const one of all.slice(3_000, 3_400)) await node.dial(one); console.log("bytes", Math.round((process.memoryUsage().heapUsed - m0) / 400)); const from = process.cpuUsage()
for (const one of all.slice(3_000)) await node.dial(one)
const { user, system } = process.cpuUsage(from)
console.log(((user + system) / 3_000).toFixed(1))
await node.stop()
