import { simultaneous } from '../test/convergence/simultaneous.ts'
import type { SimultaneousInit } from '../test/convergence/simultaneous.ts'

/** Both ends of a pair dial the other over TCP and WebSockets at the same moment, on the loopback: 500 times for each rule */
const PAIRS = 10
const ROUNDS = 50

for (const rule of ['both', 'one'] satisfies Array<SimultaneousInit['rule']>) {
  const begun = performance.now()
  const outcome = await simultaneous({ pairs: PAIRS, rounds: ROUNDS, rule })
  console.log(rule, `${Math.round((performance.now() - begun) / 1_000)} s`, JSON.stringify(outcome))
}
