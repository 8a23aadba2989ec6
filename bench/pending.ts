// What it costs to have many dials pending, with libp2p's own dialer and the `staggered` preset: nodes whose transport does
// not answer, 8 addresses a dial, each measurement in a process of its own. Stock libp2p's dialer gets 20,000 only with
// --full: it takes minutes. Exits 1 where a claim of this project is not met
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { renderTable } from '../examples/table.ts'
import { machine } from './machine.ts'
import { pendingClaims } from './pending/claims.ts'
import { OURS, STOCK } from './pending/dialers.ts'
import type { Measured } from './pending/measure.ts'

const SIZES = [10, 100, 1_000, 5_000, 20_000]
const MOST = { [OURS]: 20_000, [STOCK]: process.argv.includes('--full') ? 20_000 : 5_000 }

const run = promisify(execFile)
const results = new Map<string, Measured>()

for (const size of SIZES) {
  for (const dialer of [STOCK, OURS] as const) {
    if (size <= MOST[dialer]) {
      process.stderr.write(`${dialer}, ${size}\n`)
      const { stdout } = await run(process.execPath, ['--expose-gc', fileURLToPath(new URL('pending/measure.ts', import.meta.url)), dialer, String(size)])
      results.set(`${dialer} ${size}`, JSON.parse(stdout))
    }
  }
}

const kinds = Object.keys(measured(OURS, 10)?.joins ?? {})
const rows = SIZES.flatMap(size => [STOCK, OURS].flatMap(dialer => {
  const one = measured(dialer, size)

  return one == null ? [] : [[
    String(size), dialer, ms(one.enqueue), (one.heap / 1_000).toFixed(1), ms(one.serve), ms(one.stop), `${one.rejected} of ${size}`,
    ...kinds.map(kind => one.joins[kind]?.map(time => us(time)).join(' ') ?? '')
  ]]
}))

console.log(`${machine()}\n`)
console.log(renderTable(['pending', 'dialer', 'enqueue ms', 'heap kB', 'serve ms', 'stop ms', 'rejected', ...kinds.map(kind => `join µs, ${kind}`)], rows))
console.log('(heap: of each dial that waits; joins: to the first, the middle and the last)\n')

for (const { text, isMet } of pendingClaims(measured)) {
  console.log(`${isMet == null ? 'not measured (--full)' : isMet ? 'met    ' : 'NOT MET'}  ${text}`)
  process.exitCode = isMet === false ? 1 : process.exitCode
}

function measured (dialer: string, size: number): Measured | undefined {
  return results.get(`${dialer} ${size}`)
}

function ms (time: number): string {
  return time.toFixed(time < 100 ? 1 : 0)
}

function us (time: number): string {
  return (time * 1_000).toFixed(1)
}
