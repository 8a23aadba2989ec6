// Has both ends of a pair dial each other over TCP and WebSockets at the same moment, on the loopback interface. Each rule and dialer has 500 rounds.
// Exits with 1 if a pair is lost, does not converge, or a stream is cut. `node bench/converge.ts configured` runs one of the dialers
import { CONFIGURED, UNCONFIGURED } from '../test/convergence/converging-dialer.ts'
import { simultaneous } from '../test/convergence/simultaneous.ts'
import { machine } from './machine.ts'
import type { Outcome } from '../test/convergence/converging-end.ts'
import type { SimultaneousInit } from '../test/convergence/simultaneous.ts'
import type { Claim } from './claims.ts'

const DIALERS = {
  configured: { title: 'dialer(pipeline, { convergence: { idle } })', dialer: CONFIGURED, pairs: 10, rounds: 50 },
  // more pairs and fewer rounds, because each round takes half a minute
  adaptive: { title: 'dialer(adaptive())', dialer: UNCONFIGURED, pairs: 25, rounds: 20 }
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(DIALERS)
const unknown = names.filter(name => !Object.hasOwn(DIALERS, name))

if (unknown.length > 0) {
  console.error(`usage: node bench/converge.ts [${Object.keys(DIALERS).join(' | ')} ...]`)
  process.exit(2)
}

console.log(`${machine()}\n`)
const claims: Claim[] = []

for (const name of names as Array<keyof typeof DIALERS>) {
  const { title, ...init } = DIALERS[name]

  for (const rule of ['both', 'one'] satisfies Array<SimultaneousInit['rule']>) {
    const begun = performance.now()
    const outcome = await simultaneous({ ...init, rule })
    console.log(`${title}, ${rule}: ${Math.round((performance.now() - begun) / 1_000)} s, ${JSON.stringify(outcome)}`)
    claims.push(...claimsOf(`${title}, ${rule}`, rule, outcome, init.pairs * init.rounds))
  }
}

console.log()

for (const { text, isMet } of claims) {
  console.log(`- ${isMet ? 'met' : '**NOT MET**'}: ${text}`)
}

process.exit(claims.every(({ isMet }) => isMet) ? 0 : 1)

function claimsOf (of: string, rule: SimultaneousInit['rule'], { rounds, converged, thinned, lost, connections, cut }: Outcome, expected: number): Claim[] {
  const ended = rule === 'both' ? converged : thinned

  return [
    { text: `${of}: ${rounds} rounds of ${expected}, with ${connections} connections of ${4 * expected}`, isMet: rounds === expected && connections === 4 * expected },
    { text: `${of}: no pair is lost: ${lost}`, isMet: lost === 0 },
    { text: `${of}: no stream is cut: ${cut}`, isMet: cut === 0 },
    { text: `${of}: ${rule === 'both' ? 'one connection is left, the same at both ends' : 'nothing is left that the rule would close'}: ${ended}`, isMet: ended === expected }
  ]
}
