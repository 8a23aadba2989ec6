// Runs the bench in the namespace that run.ts creates: `node inside.ts MIRROR [S1 S2 ...] [--peers 200]`
import { parseArgs } from 'node:util'
import { startMirror } from '../../test/helpers/network/mirror.ts'
import { setUpNetwork } from '../../test/helpers/network/namespace.ts'
import { machine } from '../machine.ts'
import { AGREEING, agreement, simulated } from './agreement.ts'
import { change, changes } from './change.ts'
import { claimsOf } from './claims.ts'
import { convergence } from './convergence.ts'
import { crowd } from './crowd.ts'
import { listeners } from './listeners.ts'
import { measure } from './measure.ts'
import { peersOf } from './peers.ts'
import { quicTransport } from './quic.ts'
import { seeded } from './random.ts'
import { scenarioReport } from './report.ts'
import { scenarios } from './scenarios.ts'
import { FIXED_QUIC_FIRST, strategies } from './strategies.ts'
import type { Claim } from '../claims.ts'
import type { Measured } from './report.ts'
import type { Scenario } from './scenarios.ts'
import type { Strategy } from './strategies.ts'

const DEVICE = 'tun0'
const DEFAULT = ['S1', 'S2', 'S3', 'S5', 'S6', 'S10', 'S10-large', 'S12', 'agreement']
const OTHERS = 50
const WARM_UP = 10
const PEERS_AT_ONCE = 5

// the kernel drops signals to the first process of a namespace unless the process has a handler for them
process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
process.stdin.resume().once('end', () => process.exit(130))

const { values, positionals: [program = '', ...named] } = parseArgs({ options: { peers: { type: 'string', default: '200' } }, allowPositionals: true })
const count = Number(values.peers)
const hasQuic = await quicTransport() != null
const known = scenarios(hasQuic ? 'quic' : 'ws')
const names = [...known.map(({ name }) => name), 'S10', 'S10-large', 'S12', 'agreement', 'convergence']
const wanted = named.length > 0 ? named : DEFAULT
const unknown = wanted.filter(name => !names.includes(name))

if (unknown.length > 0 || !(count > 0)) {
  console.error(`usage: node bench/network/run.ts [${names.join(' | ')} ...] [--peers 200]`)
  process.exit(2)
}

const mirror = await startMirror(program, DEVICE)
setUpNetwork(DEVICE)
const remote = await listeners(count + OTHERS, ['tcp4', 'ws4', 'tcp6', ...hasQuic ? ['quic4'] as const : []])
const compared = strategies.filter(({ name }) => hasQuic || name !== FIXED_QUIC_FIRST)
const claims: Claim[] = []

console.log(`${machine()}\n`)

if (!hasQuic) {
  console.log('QUIC is not installed (`npm run interop -- quic` does that): WebSockets stand in for it, so S5 and S6 are others\n')
}

const [first] = known

if (first != null) {
  await run(first, WARM_UP)
}

for (const scenario of known.filter(({ name }) => wanted.includes(name))) {
  const measured = await run(scenario, count)
  printResult({ report: scenarioReport(measured), claims: claimsOf(measured) })
}

if (wanted.includes('S12')) {
  for (const one of hasQuic ? changes('quic', 'tcp') : changes('tcp', 'ws')) {
    progress(`S12: ${one.title}`)
    printResult(await change(one, remote.peers, mirror))
  }
}

if (wanted.includes('agreement')) {
  const agreeing: Measured[] = []

  for (const scenario of known.filter(({ name }) => AGREEING.includes(name))) {
    agreeing.push(await run(scenario, count, simulated))
  }

  printResult(await agreement(agreeing))
}

if (wanted.includes('convergence')) {
  printResult(await convergence(known, remote.peers.slice(0, count), text => { progress(`convergence: ${text}`) }))
}

await remote.close()

if (wanted.includes('S10')) {
  printResult(await crowd(PEERS_AT_ONCE * count, mirror, text => { progress(`S10: ${text}`) }))
}

if (wanted.includes('S10-large')) {
  printResult(await crowd(4 * PEERS_AT_ONCE * count, mirror, text => { progress(`S10-large: ${text}`) }))
}

await mirror.close()

for (const { text, isMet } of claims) {
  console.log(`- ${isMet ? 'met' : '**NOT MET**'}: ${text}`)
}

process.exit(claims.every(({ isMet }) => isMet) ? 0 : 1)

async function run (scenario: Scenario, count: number, dialers: readonly Strategy[] = compared) {
  // a seed for each scenario, so that its peers do not depend on which other scenarios run
  const random = seeded(known.indexOf(scenario))
  const peers = peersOf(scenario.peer, remote.peers.slice(0, count), random)
  const others = peersOf(scenario.peer, remote.peers.slice(-OTHERS), random)

  await mirror.lateness()
  const measurement = await measure({
    strategies: dialers,
    peers,
    lessons: scenario.history === 'the same peers' ? peers : others,
    belief: scenario.belief,
    random,
    onProgress: text => { progress(`${scenario.name}: ${text}`) }
  })

  return { scenario, peers, measurement, lateness: await mirror.lateness() }
}

function printResult (result: { report: string, claims: readonly Claim[] }): void {
  console.log(`${result.report}\n`)
  claims.push(...result.claims)
}

function progress (text: string): void {
  process.stderr.write(`${text}\n`)
}
