// Counts the leftovers of aborted dials and lost races: libp2p's own dialer beside the `staggered` preset, each load in a process of its own.
// Exits with 1 if this package leaves something that the transport alone does not leave. More of it than libp2p's dialer leaves fails too
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import PQueue from 'p-queue'
import { faults, reasons } from './leaks/known.ts'
import { isInstalled } from './leaks/packages.ts'
import { WAYS } from './leaks/ways.ts'
import { machine } from './machine.ts'
import type { Load, Outcome } from './leaks/load.ts'
import type { Counts } from './leaks/census.ts'
import type { Way } from './leaks/ways.ts'

const LOADS: Readonly<Record<Load, string>> = {
  aborted: 'aborted',
  lost: 'lost races',
  blackhole: 'aborted, nobody answers',
  silence: 'aborted, nobody says a word'
}

/** The number of parallel processes. Each of them mostly waits */
const AT_ONCE = 3

const { values: { count, only } } = parseArgs({ options: { count: { type: 'string', default: '200' }, only: { type: 'string', default: '' } } })
const ways = WAYS.filter(({ name }) => only === '' || name === only)
const queue = new PQueue({ concurrency: AT_ONCE })

const trials = ways.filter(canRun).flatMap(way => loadsOf(way).map(load => ({
  way,
  load,
  outcomes: Promise.allSettled(['stock', 'ours'].map(async dialer => queue.add<Outcome>(async () => trial(way, load, dialer))))
})))
const notMet: string[] = []

console.log(`${count} of each; ${machine()}\n`)
console.log('| over | load | libp2p leaves | `staggered()` leaves |\n|---|---|---|---|')

for (const { way: { name }, load, outcomes } of trials) {
  const [stock, ours] = await outcomes as [PromiseSettledResult<Outcome>, PromiseSettledResult<Outcome>]
  const numbers = reasons(name, load).map(({ number }) => ` [${number}]`).join('')
  console.log(`| ${name} | ${LOADS[load]}${numbers} | ${cell(stock)} | ${cell(ours)} |`)

  const wrong = stock.status === 'fulfilled' && ours.status === 'fulfilled' ? faults(name, load, await compared(name, load, stock.value), ours.value, Number(count)) : ['not measured']
  notMet.push(...wrong.map(fault => `NOT MET  ${name}, ${LOADS[load]}: ${fault}`))
}

console.log(['', ...notMet].join('\n'))
process.exitCode = notMet.length > 0 ? 1 : 0

/** Returns what to compare with. libp2p's dialer abandons no attempt in a race: its figures for as many aborted dials stand in */
async function compared (way: string, load: Load, stock: Outcome): Promise<Outcome> {
  const other = load === 'lost' ? await trials.find(trial => trial.way.name === way && trial.load === 'aborted')?.outcomes : undefined

  return other?.[0]?.status === 'fulfilled' ? other[0].value : stock
}

function canRun ({ name, consumer }: Way): boolean {
  const isThere = consumer == null || isInstalled(consumer)

  if (!isThere) {
    process.stderr.write(`${name}: skipped, npm run interop -- ${consumer} installs it\n`)
  }

  return isThere
}

function loadsOf ({ blackhole, silence }: Way): Load[] {
  return ['aborted', 'lost', ...blackhole == null ? [] : ['blackhole' as const], ...silence == null ? [] : ['silence' as const]]
}

async function trial ({ name, consumer }: Way, load: Load, dialer: string): Promise<Outcome> {
  const child = fork(fileURLToPath(new URL('./leaks/run.ts', import.meta.url)), [name, load, dialer, count, ...consumer == null ? [] : [consumer]], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const ended = once(child, 'exit').then(([code]) => { throw new Error(`${name}, ${load}, ${dialer} ended with ${code}`) })
  const [outcome] = await Promise.race([once(child, 'message'), ended])
  await ended.catch(() => {})

  return outcome as Outcome
}

function cell (result: PromiseSettledResult<Outcome>): string {
  return result.status === 'fulfilled' ? describe(result.value) : `${result.reason}`
}

function describe ({ open, goneAfter, objects, failed = 0 }: Outcome): string {
  const when = goneAfter == null ? ' (still there after 40 s)' : ` (gone after ${(goneAfter / 1_000).toFixed(0)} s)`

  return [
    ...Object.keys(open).length > 0 ? [list(open) + when] : [],
    ...Object.keys(objects).length > 0 ? [`objects: ${list(objects)}`] : [],
    ...failed > 0 ? [`${failed} dials failed`] : []
  ].join('; ') || 'nothing'
}

function list (counts: Counts): string {
  return Object.entries(counts).map(([kind, count]) => `${count} ${kind}`).join(', ')
}
