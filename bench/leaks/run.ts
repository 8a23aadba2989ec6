// Runs one load of one dialer for ../leaks.ts, in a process of its own
import { setTimeout as sleep } from 'node:timers/promises'
import { packagesOf } from './packages.ts'

const [name, load, dialerName, count = '', consumer] = process.argv.slice(2)

if (consumer != null) {
  packagesOf(consumer)
}

// imported only now: packagesOf() changes how its imports resolve
const { runLoad } = await import('./load.ts')

// `any`: the parent passes a valid load, and an unknown name fails in runLoad()
process.send?.(await runLoad({ way: `${name}`, load: `${load}` as any, isOurs: dialerName !== 'stock', count: Number(count) }))
await sleep(10)
process.exit()
