// Prints how many times as long a dial takes with the second version of this package as with the first: `pair.ts FIRST SECOND PRESET ADDRESSES ROUNDS`.
// Both run in this process in turns, each dialer on a node of its own
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { noOpNode } from '../no-op-node.ts'
import { summarise } from '../statistics.ts'
import { microsecondsOf } from './microseconds.ts'
import type { NoOpNode } from '../no-op-node.ts'

const [first = '.', second = '.', preset = 'adaptive', addresses, rounds] = process.argv.slice(2)
const nodes = [await nodeOf(first), await nodeOf(second)]
const [before = [], after = []] = await microsecondsOf(nodes, Number(addresses), Number(rounds))
await Promise.all(nodes.map(async node => node.stop()))
console.log(summarise(after.map((time, round) => time / (before[round] ?? NaN))).median)

async function nodeOf (folder: string): Promise<NoOpNode> {
  const load = async (entry: string): Promise<any> => import(pathToFileURL(join(resolve(folder), 'dist', entry, 'index.js')).href)
  const [{ dialer }, presets] = [await load('src'), await load('presets')]

  return noOpNode(presets[preset](), { dialer })
}
