import { live } from '../life.ts'
import { VISIBLE_OPTIONS } from '../../../pipeline/declared-options.ts'
import { anyStage } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Point } from '../rule.ts'

export const declares: Point = {
  title: 'it declares the dial options that it reads, and has one name',
  holdsFor: anyStage,
  check: async bench => {
    const [stage, again] = [bench.make(), bench.make()]
    expect(stage.name === again.name, `it is "${stage.name}" and, made again, "${again.name}"`)
    const trial = bench.begin()
    await live(bench, trial)
    expect(!trial.optionsRead.has('signal'), 'it reads the signal in the options of the dial, which is hidden: it is the signal of one caller, and others may join. Take dial.signal')
    const hidden = [...trial.optionsRead].filter(name => !VISIBLE_OPTIONS.has(name) && !stage.options.includes(name))
    expect(hidden.length === 0, `it reads the dial option "${hidden.join('", "')}" and does not declare it: in a dial that is an error. Add { options: ['${hidden.join("', '")}'] }`)
  }
}
