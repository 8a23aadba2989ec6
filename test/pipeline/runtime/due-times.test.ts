// due times on the system clock: timers take whole milliseconds, while the clock has fractions
import test from 'ava'
import { systemClock } from '../../../src/pipeline/clock.ts'
import { fromCaller, onlyIfNone, pipeline, race, source, stage } from '../../../src/stages/index.ts'
import { scriptedComponents } from '../../../src/testing/scripted-components.ts'
import { ScriptedNetwork } from '../../../src/testing/scripted-network.ts'
import { testDial } from '../../../src/testing/test-dial.ts'
import { address } from '../../helpers/address.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { Stage } from '../../../src/pipeline/types.ts'

const ROUNDS = 10
const DIALS_A_ROUND = 5
const AFTER = 30

const stages: Record<string, () => Stage<'candidates', 'candidates'>> = {
  'onlyIfNone() with `after`': () => onlyIfNone(() => false, { after: AFTER }),
  'a stage that asks with work.at()': () => stage('by-hand', ({ clock }, work) => {
    const at = clock.now() + AFTER
    work.at(at)

    return ({ candidates }) => clock.now() >= at ? candidates : []
  })
}

for (const [name, make] of Object.entries(stages)) {
  test.serial(`${name} releases what it held back, in each of ${ROUNDS * DIALS_A_ROUND} dials`, async t => {
    const peerId = await newPeer()
    const network = new ScriptedNetwork(systemClock)
    const components = scriptedComponents({ clock: systemClock, network, peerId: await newPeer() })

    async function dial (n: number): Promise<void> {
      network.script(address(n, peerId).toString(), { connects: 1 })
      const { run, end } = testDial({ components, peerId, multiaddrs: [address(n, peerId)] })
      const connected = run(pipeline(fromCaller(), source('never', async () => new Promise<never>(() => {})), make(), race())).next()
      await Promise.race([connected, new Promise(resolve => { setTimeout(resolve, 1_000) })])
      end()
      await connected.catch(() => {})
    }

    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(Array.from({ length: DIALS_A_ROUND }, async (_, i) => dial(round * DIALS_A_ROUND + i)))
    }

    t.is(network.attempts.length, ROUNDS * DIALS_A_ROUND)
  })
}
