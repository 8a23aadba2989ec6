import { runLifecycle } from '../lifecycle.ts'
import { VISIBLE_OPTIONS } from '../../../pipeline/dial-options.ts'
import { planOf } from '../../../pipeline/runtime/make-stage.ts'
import { anyStage } from '../point.ts'
import { expect } from '../violation.ts'
import type { Point } from '../point.ts'

export const declares: Point = {
  title: 'the stage declares the dial options that it reads, and always has the same name',
  holdsFor: anyStage,
  check: async harness => {
    const [stage, again] = [harness.make(), harness.make()]
    expect(stage.name === again.name, `its name is "${stage.name}", and "${again.name}" when it is made again: give it one name`)
    const run = harness.begin({ stage })
    await runLifecycle(harness, run)
    expect(!run.optionsRead.has('signal'), 'it reads the signal in the options of the dial, which belongs to one of several callers: use dial.signal')
    const hidden = [...run.optionsRead].filter(name => !VISIBLE_OPTIONS.has(name) && !stage.options.includes(name))
    expect(hidden.length === 0, `it reads the dial option "${hidden.join('", "')}" and does not declare it, which is an error in a dial: add { options: ['${hidden.join("', '")}'] }`)
    const plan = planOf(stage)
    const isAskedOnce = plan.kind === 'list' && plan.role === 'source' && plan.isSlow === true
    expect(!isAskedOnce || !run.target.areAddressesRead, 'it reads dial.target.multiaddrs once, and misses the addresses of callers that join later: pass { live: true } and a function that returns an array')
  }
}
