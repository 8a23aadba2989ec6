import { pipelineOf } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import { numberedAddress, PROBED } from './addresses.ts'
import { beginsOf } from './callers.ts'
import { takeFaults } from './faults.ts'
import { violationsIn } from './invariants.ts'
import { schedule } from './perform.ts'
import { hash } from './random.ts'
import { makeScene } from './scene.ts'
import { SCRIPT_TIME } from './script.ts'
import { statisticsOf } from './statistics.ts'
import type { Scene } from './scene.ts'
import type { Statistics } from './statistics.ts'
import type { DialPipeline } from '../../src/pipeline/types.ts'

export interface CaseResult {
  seed: number
  violations: string[]
  statistics: Statistics
  /** A hash of all events: equal runs have equal hashes */
  digest: number
}

export interface CaseOptions {
  /** The indexes of the actions of the script to run. Default: all */
  only?: readonly number[]
  /** Breaks the scene before it starts */
  sabotage?: (scene: Scene) => void
}

/** Milliseconds of virtual time, longer than anything lasts that ends by itself */
const REST = 3_600_000

const PLAIN = pipelineOf([fromCaller(), race()]) as unknown as DialPipeline

/** Dials once without faults, and returns the violations if the dial does not connect */
async function probe ({ engine, network, clock, mend, given }: Scene): Promise<string[]> {
  const address = numberedAddress(1, PROBED)
  let result: unknown = 'nothing'
  mend()
  network.mend(address)
  engine.start()
  engine.dial(address, { pipeline: PLAIN }).then(
    connection => {
      given.add(connection)
      result = connection
    },
    reason => { result = reason }
  )
  await clock.advance(5_000)

  return network.connections.includes(result as any) ? [] : [`a plain dial after the case ended with ${String(result)}`]
}

/** Runs the case of a seed on its own clock, and checks the leftovers */
export async function runCase (seed: number, { only, sabotage }: CaseOptions = {}): Promise<CaseResult> {
  const scene = makeScene(seed)
  const { engine, callers, clock } = scene
  takeFaults()
  sabotage?.(scene)
  schedule(scene, scene.script.filter((_, i) => only?.includes(i) !== false))
  await clock.advance(SCRIPT_TIME)

  scene.onMoment.clear()
  scene.network.isOver = true
  callers.leaveAll()

  if (scene.traits.has('lingers')) {
    await clock.advance(REST)
    engine.stop()
  }

  await clock.advance(REST)
  await settled()
  const violations = [...violationsIn(scene), ...await probe(scene)]
  await settled()
  const log = callers.calls.map(call => [call.at, call.settledAt, ...beginsOf(call), call.heard.size, call.result?.status].join())

  return { seed, violations: [...new Set([...violations, ...takeFaults()])], statistics: statisticsOf(scene), digest: hash([...log, scene.network.connections.length, clock.now()].join(' ')) }
}
