// Measures the time to a connection when the first addresses refuse or never answer. It compares libp2p's own dialer, the same dialer tuned by
// hand, and two presets, in turns. Exits with 1 if a claim is not met
import { dialers } from './blackhole/dialers.ts'
import { measure } from './blackhole/measured.ts'
import { details, overview } from './blackhole/report.ts'
import { startScenarios } from './blackhole/scenarios.ts'
import { trial } from './blackhole/trial.ts'
import { claims } from './claims.ts'
import { machine } from './machine.ts'
import type { Measured } from './blackhole/measured.ts'
import type { Trial } from './blackhole/trial.ts'

/** Unmeasured dials of each dialer: the first few cost several times the later ones */
const WARM_UP = 100
const ROUNDS = 30

const scenarios = await startScenarios()
const trials = new Map<string, Trial[]>()

try {
  for (let i = 0; i < WARM_UP; i++) {
    for (const dialer of dialers) {
      await trial(dialer, scenarios.all[0]?.addresses ?? [])
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`)

    for (const { name, addresses, isSlow } of scenarios.all) {
      // every second round runs in reverse order, so that no dialer always comes first
      for (const dialer of round % 2 === 0 ? dialers : dialers.toReversed()) {
        if (!isSlow || round < dialer.slowRounds) {
          trials.set(`${dialer.name} ${name}`, [...trialsOf(dialer.name, name), await trial(dialer, addresses)])
        }
      }
    }
  }
} finally {
  await scenarios.close()
}

const measured: Measured = (dialer, scenario) => measure(trialsOf(dialer, scenario))
const names = scenarios.all.map(({ name }) => name)

console.error(machine())
console.log(`${overview(names, measured)}\n\n${details(names, measured)}`)
console.log('\nWhere no dial connected, the times are those of the error.\n')

for (const { text, isMet } of claims(measured)) {
  console.log(`- ${isMet ? 'met' : 'NOT MET'}: ${text}`)
  process.exitCode = isMet ? process.exitCode : 1
}

function trialsOf (dialer: string, scenario: string): Trial[] {
  return trials.get(`${dialer} ${scenario}`) ?? []
}
