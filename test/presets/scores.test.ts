// regret and attempts of presets in virtual time, independent of the machine. bench/simulate.ts measures more peers
import test from 'ava'
import { COLD, dialers, FIXED_250, GO, OTHERS } from '../../bench/simulate/dialers.ts'
import { families } from '../../bench/simulate/families.ts'
import { measure } from '../../bench/simulate/measure.ts'
import { summaryOf } from '../../bench/simulate/summary.ts'
import { dose } from '../support/dose.ts'
import type { SimulatedDialer } from '../../bench/simulate/dialers.ts'
import type { Family } from '../../bench/simulate/families.ts'
import type { Summary } from '../../bench/simulate/summary.ts'

const PEERS = 60

async function outcome (family: string, dialer: string): Promise<Summary> {
  return summaryOf(await measure({
    family: families.find(({ name }) => name === family) as Family,
    dialer: dialers.find(({ name }) => name === dialer) as SimulatedDialer,
    peers: PEERS,
    seed: 1
  }))
}

/** Mean regret in milliseconds, and attempts. These dialers do not learn, so only order and pace matter */
const FIXED: Readonly<Record<string, Readonly<Record<string, readonly [regret: string, attempts: string]>>>> = {
  [FIXED_250]: { S1: ['103.5', '1.47'], S2: ['333.3', '2.58'], S3: ['451.7', '3.20'], S5: ['250.0', '2.00'], S6: ['0.0', '1.58'] },
  [GO]: { S1: ['109.5', '1.50'], S2: ['255.7', '3.00'], S3: ['162.5', '6.25'], S5: ['0.0', '1.00'], S6: ['250.0', '2.00'] }
}

for (const [dialer, expected] of Object.entries(FIXED)) {
  test(`${dialer} has the regret and attempts that its order and pace imply`, async t => {
    for (const [family, [regret, attempts]] of Object.entries(expected)) {
      const made = await outcome(family, dialer)
      t.deepEqual([Math.abs(made.regret).toFixed(1), made.attempts.toFixed(2)], [regret, attempts], family)
      t.is(made.connected, PEERS)
    }
  })
}

/** Best scores so far: mean regret in milliseconds plus 30 for each attempt. Update them when a change trades one for another */
const REACHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  [COLD]: { S1: 117, S2: 128, S3: 212, S5: 32, S6: 178, 'offline 38': 102, 'direct and relays': 39, '300 ms': 167, 'one host': 69 },
  [OTHERS]: { S1: 115, S2: 107, S3: 212, S5: 30, S6: 38, 'offline 38': 79, 'direct and relays': 43, '300 ms': 136, 'one host': 61 }
}

/** Allowed factor over the best score, in one family and in all together */
const WORSE = { one: 1.25, all: 1.05 }

for (const [dialer, reached] of Object.entries(REACHED)) {
  test(`${dialer} scores hardly worse than recorded`, async t => {
    const ratios: number[] = []

    for (const [family, score] of Object.entries(reached).slice(0, dose(9, 4))) {
      const made = await outcome(family, dialer)
      ratios.push(made.score / score)
      t.true(made.score <= score * WORSE.one, `${family}: ${made.score.toFixed(0)}, and ${score} was reached`)
      t.is(made.connected, made.reachable, family)
    }

    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
    t.true(mean <= WORSE.all, `${mean.toFixed(3)} times what was reached`)
  })
}
