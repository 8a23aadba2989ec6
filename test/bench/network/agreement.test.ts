import test from 'ava'
import { agreement, simulated } from '../../../bench/network/agreement.ts'
import { peersOf } from '../../../bench/network/peers.ts'
import { seeded } from '../../../bench/network/random.ts'
import { minConnectTime, scenarios } from '../../../bench/network/scenarios.ts'
import { PEER } from '../../../src/testing/compliance/samples.ts'
import type { Measured } from '../../../bench/network/report.ts'
import type { Scenario } from '../../../bench/network/scenarios.ts'

const [scenario] = scenarios('ws') as [Scenario]

/** Returns a result for one good TCP address of known round-trip time: each dialer takes `factor` times the limit plus 9 ms */
function measured (factor: number): Measured {
  const peers = peersOf(random => scenario.peer(random).slice(0, 1), Array.from({ length: 10 }, () => ({ id: PEER.toString(), ports: { tcp4: 4_001 } })), seeded(1))
  const trials = peers.map(({ truths }) => ({ ms: (minConnectTime(truths) + 9) * factor, attempts: [] }))
  const oracle = peers.map(({ truths }) => ({ ms: minConnectTime(truths), attempts: [] }))

  return {
    scenario,
    peers,
    measurement: { trials: new Map(simulated.map(({ name, pipeline }) => [name, pipeline == null ? oracle : trials])), busy: { machine: 0, dialer: 0 } },
    lateness: { returned: 0, dropped: 0, lateMean: 0, lateMax: 0 }
  }
}

test('the simulator agrees with sockets that connect after the address\'s round trips and 9 ms', async t => {
  const { claims, report } = await agreement([measured(1)])
  t.deepEqual(claims.map(({ isMet }) => isMet), [true, true, true, true])
  t.regex(report, /\| S1 \| staggered\(\) \|/)
})

test('the simulator disagrees with sockets that take 1.5 times as long', async t => {
  const { claims } = await agreement([measured(1.5)])
  t.deepEqual(claims.map(({ isMet }) => isMet), [true, false, false, false])
})
