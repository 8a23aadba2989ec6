// Dials two blackholes and a good address on the loopback interface, with libp2p's own dialer and with adaptive(): `node test/docs/record-dials.ts`.
// Writes the times of all attempts for the picture of README.md, which `npm run images` draws
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { watchDialer, watchTransports } from '../../examples/start/attempts.ts'
import { startScenarios } from '../../examples/start/scenarios.ts'
import { adaptive } from '../../presets/index.ts'
import { dialer, systemClock } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { RECORDED } from './recorded-dials.ts'
import type { Tried } from '../../examples/start/attempts.ts'
import type { Scenario } from '../../examples/start/scenarios.ts'
import type { RecordedDial } from './recorded-dials.ts'
import type { Libp2p } from '@libp2p/interface'

/** Unmeasured dials: the first dials of a process include the compilation of their code */
const WARM_UP = 5

const now = (): number => systemClock.now()

const scenarios = await startScenarios()
const scenario = scenarios.obstructed.at(-1) as Scenario

try {
  for (let i = 0; i < WARM_UP; i++) {
    await recordPipeline(scenario)
  }

  await writeFile(RECORDED, `${JSON.stringify([await recordLibp2p(scenario), await recordPipeline(scenario)], null, 2)}\n`)
} finally {
  await scenarios.stop()
}

async function recordLibp2p (scenario: Scenario): Promise<RecordedDial> {
  const node = await createNode({ listen: [] })

  return record('libp2p', node, watchTransports(node, now), scenario)
}

async function recordPipeline (scenario: Scenario): Promise<RecordedDial> {
  const node = await createNode({ listen: [], services: { dialer: dialer(adaptive()) } })

  return record('adaptive()', node, watchDialer(node.services.dialer), scenario)
}

async function record (name: string, node: Libp2p, tried: readonly Tried[], { target, words }: Scenario): Promise<RecordedDial> {
  const startedAt = now()
  const isConnected = await node.dial([...target]).then(() => true, () => false)
  const endedAt = now()
  // time for the losing attempts to end
  await delay(50)
  await node.stop()

  return {
    name,
    isConnected,
    ms: Math.round(endedAt - startedAt),
    attempts: words.map(([address, word]) => {
      const one = tried.find(one => one.address === address && one.startedAt != null)

      return { word, ...one?.startedAt != null && { from: Math.round(one.startedAt - startedAt), to: Math.round(Math.min(one.endedAt ?? endedAt, endedAt) - startedAt) } }
    })
  }
}
