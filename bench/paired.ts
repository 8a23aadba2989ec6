// Compares the cost of a dial with that of an earlier version. `node --expose-gc bench/paired.ts PACKAGE [--pairs 8] [--preset adaptive] [--addresses 1]`:
// PACKAGE is a built checkout, or an unpacked package, whose dependencies are those of this checkout. Exits with 1 above `--most`.
// The dialer that a process loads second costs some per cent more. So each pair has two processes, one in either order
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { machine } from './machine.ts'
import { summarise } from './statistics.ts'

const { values: { pairs, preset, addresses, rounds, most }, positionals: [other] } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '8' },
    preset: { type: 'string', default: 'adaptive' },
    addresses: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1500' },
    most: { type: 'string', default: '1.05' }
  }
})
const own = fileURLToPath(new URL('..', import.meta.url))

if (other == null) {
  throw new Error('Name the folder of the package to compare with: node --expose-gc bench/paired.ts ../before')
}

const ratios: number[] = []

for (let pair = 0; pair < Number(pairs); pair++) {
  ratios.push(Math.sqrt(await ratioOf(other, own) / await ratioOf(own, other)))
}

const { median, min, max } = summarise(ratios)
const isMet = median <= Number(most)
console.log(`${machine()}\n`)
console.log(`${isMet ? 'met    ' : 'NOT MET'}  ${preset}(), addresses: ${addresses}: at most ${most} × (${pairs} pairs: ${median.toFixed(3)} ×, ${min.toFixed(3)} to ${max.toFixed(3)})`)
process.exitCode = isMet ? 0 : 1

async function ratioOf (first: string, second: string): Promise<number> {
  const script = fileURLToPath(new URL('overhead/pair.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, first, second, preset, addresses, rounds])

  return Number(stdout)
}
