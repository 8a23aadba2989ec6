// Started by ../leaks.ts: one load of one dialer, in a process that is ended after it
import { setTimeout as sleep } from 'node:timers/promises'
import { packagesOf } from './packages.ts'

const [name, load, dialerName, count = '', consumer] = process.argv.slice(2)

if (consumer != null) {
  packagesOf(consumer)
}

// not before it is known where the packages are
const { put } = await import('./load.ts')

// the parent process passes one of the loads: a name that is none fails there
process.send?.(await put({ way: `${name}`, load: `${load}` as any, isOurs: dialerName !== 'stock', count: Number(count) }))
await sleep(10)
process.exit()
