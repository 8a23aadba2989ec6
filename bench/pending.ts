// Measures the cost of many pending dials, with libp2p's own dialer and the `staggered` preset. The transports do not answer. Each dial has
// 8 addresses, and each measurement runs in a process of its own. libp2p's own dialer measures 20,000 dials only with --full, because that takes
// minutes. Exits with 1 if a claim is not met
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { renderTable } from '../test/support/render-table.ts'
import { machine } from './machine.ts'
import { pendingClaims } from './pending/claims.ts'
import { ADAPTIVE, OURS, STOCK } from './pending/dialers.ts'
import type { ActiveDials } from './pending/active.ts'
import type { Measured } from './pending/measure.ts'

const SIZES = [10, 100, 1_000, 5_000, 20_000]
const MOST = { [OURS]: 20_000, [STOCK]: process.argv.includes('--full') ? 20_000 : 5_000 }

const run = promisify(execFile)
const results = new Map<string, Measured>()

const active = new Map<string, ActiveDials>()

for (const dialer of [STOCK, OURS, ADAPTIVE]) {
  for (const addresses of [1, 8]) {
    process.stderr.write(`${dialer}, active\n`)
    active.set(`${dialer} ${addresses}`, await measure<ActiveDials>('active.ts', dialer, addresses))
  }
}

for (const size of SIZES) {
  for (const dialer of [STOCK, OURS] as const) {
    if (size <= MOST[dialer]) {
      process.stderr.write(`${dialer}, ${size}\n`)
      results.set(`${dialer} ${size}`, await measure<Measured>('measure.ts', dialer, size))
    }
  }
}

const kinds = Object.keys(measured(OURS, 10)?.joins ?? {})
const rows = SIZES.flatMap(size => [STOCK, OURS].flatMap(dialer => {
  const one = measured(dialer, size)

  return one == null ? [] : [[
    String(size), dialer, ms(one.enqueue), kB(one.heap), kB(one.heapWithSignal), ms(one.serve), ms(one.stop), `${one.rejected} of ${size}`,
    ...kinds.map(kind => one.joins[kind]?.map(time => us(time)).join(' ') ?? '')
  ]]
}))

console.log(`${machine()}\n`)
console.log(renderTable(['pending', 'dialer', 'enqueue ms', 'heap kB', 'with a signal', 'serve ms', 'stop ms', 'rejected', ...kinds.map(kind => `join µs, ${kind}`)], rows))
console.log('(heap: of each dial that waits; joins: to the first, the middle and the last)\n')

console.log(renderTable(['active', 'silent attempts', 'heap kB'], Array.from(active, ([name, { attempts, heap }]) => [`${name} address${name.endsWith('1') ? '' : 'es'}`, String(attempts), kB(heap)])))
console.log('(heap: of each dial that runs, with what the transport holds)\n')

for (const { text, isMet } of pendingClaims(measured, dialer => active.get(`${dialer} 8`))) {
  console.log(`${isMet == null ? 'not measured (--full)' : isMet ? 'met    ' : 'NOT MET'}  ${text}`)
  process.exitCode = isMet === false ? 1 : process.exitCode
}

async function measure<T> (script: string, dialer: string, number: number): Promise<T> {
  const { stdout } = await run(process.execPath, ['--expose-gc', fileURLToPath(new URL(`pending/${script}`, import.meta.url)), dialer, String(number)])

  return JSON.parse(stdout) as T
}

function measured (dialer: string, size: number): Measured | undefined {
  return results.get(`${dialer} ${size}`)
}

function ms (time: number): string {
  return time.toFixed(time < 100 ? 1 : 0)
}

function kB (bytes: number): string {
  return (bytes / 1_000).toFixed(2)
}

function us (time: number): string {
  return (time * 1_000).toFixed(1)
}
