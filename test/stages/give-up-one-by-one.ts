import { pipeline } from '../../src/pipeline/pipeline.ts'
import { attemptTimeout } from '../../src/stages/attempt-layers.ts'
import { giveUp } from '../../src/stages/give-up.ts'
import { race } from '../../src/stages/race.ts'
import { sequential } from '../../src/stages/sequential.ts'
import type { AnyStage } from '../../src/pipeline/types.ts'
import type { GiveUpInit } from '../../src/stages/give-up.ts'

/** Creates a pipeline that dials one address at a time, each for a second at most, until `giveUp()` drops the rest */
export function giveUpOneByOne (init?: GiveUpInit): AnyStage {
  return pipeline(sequential(), giveUp(init), race({ attempt: [attemptTimeout(1_000)] }))
}
