// Measures the cost of an address book: memory, and the time of observe, query, sweep, writing and reading.
//
//     node --expose-gc bench/address-book.ts [--against PACKAGE] [--rounds 5] [peers] [addresses a peer] [reports an address]
//
// PACKAGE is a built checkout or an unpacked package of an earlier version. The bench then measures both in turns, and this version against itself,
// which shows the noise. It exits with 1 if a claimed figure exceeds that of PACKAGE by more than 2 % and the noise
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { renderTable } from '../test/support/render-table.ts'
import { CLAIMED, UNITS } from './address-book/figures.ts'
import { machine } from './machine.ts'
import { summarise } from './statistics.ts'
import type { Figures } from './address-book/figures.ts'

const { values: { against, rounds }, positionals } = parseArgs({ allowPositionals: true, options: { against: { type: 'string' }, rounds: { type: 'string', default: '5' } } })
const [peers = 20_000, addresses = 5, reports = 2] = positionals.map(Number)
const names = Object.keys(UNITS) as Array<keyof Figures>
const own = fileURLToPath(new URL('..', import.meta.url))

async function measure (folder: string): Promise<Figures> {
  const script = fileURLToPath(new URL('address-book/measure.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, folder, ...[peers, addresses, reports].map(String)])

  return JSON.parse(stdout)
}

const measured = { own: [] as Figures[], again: [] as Figures[], other: [] as Figures[] }

for (let round = 0; round < Number(rounds); round++) {
  measured.own.push(await measure(own))

  if (against != null) {
    measured.other.push(await measure(against))
    measured.again.push(await measure(own))
  }
}

const medianOf = (all: readonly Figures[], name: keyof Figures): number => summarise(all.map(figures => figures[name])).median
/** Returns the median of the ratios of each round */
const ratioOf = (ones: readonly Figures[], others: readonly Figures[], name: keyof Figures): number => summarise(ones.map((one, i) => one[name] / (others[i]?.[name] ?? NaN))).median
const noiseOf = (name: keyof Figures): number => Math.max(...measured.own.map((one, i) => Math.abs(one[name] / (measured.again[i]?.[name] ?? NaN) - 1)))

console.log(`${machine()}\n\n${peers} peers, ${peers * addresses} addresses, ${peers * addresses * reports} reports\n`)

if (against == null) {
  console.log(renderTable(['', 'median', ''], names.map(name => [name, medianOf(measured.own, name).toFixed(2), UNITS[name]])))
} else {
  console.log(renderTable(['', 'before', 'now', '', 'ratio', 'noise'], names.map(name => [
    name, medianOf(measured.other, name).toFixed(2), medianOf(measured.own, name).toFixed(2), UNITS[name], ratioOf(measured.own, measured.other, name).toFixed(2), `± ${noiseOf(name).toFixed(2)}`
  ])))

  const failed = CLAIMED.filter(name => ratioOf(measured.own, measured.other, name) > 1 + Math.max(0.02, noiseOf(name)))
  failed.forEach(name => { console.log(`not met: ${name} costs no more than before`) })
  process.exitCode = failed.length === 0 ? 0 : 1
}
