import { live } from '../life.ts'
import { LIBP2P_OPTIONS } from '../../../pipeline/declared-options.ts'
import { anyStage } from '../rule.ts'
import { expect } from '../violation.ts'
import type { Point } from '../rule.ts'

const LIBP2P = new Set<string>(LIBP2P_OPTIONS)

export const declares: Point = {
  title: 'it declares the dial options that it reads, and has one name',
  holdsFor: anyStage,
  check: async bench => {
    const [stage, again] = [bench.make(), bench.make()]
    expect(stage.name === again.name, `it is "${stage.name}" and, made again, "${again.name}"`)
    const trial = bench.begin()
    await live(bench, trial)
    const hidden = [...trial.optionsRead].filter(name => !LIBP2P.has(name) && !stage.options.includes(name))
    expect(hidden.length === 0, `it reads the dial option "${hidden.join('", "')}" and does not declare it: in a dial that is an error. Add { options: ['${hidden.join("', '")}'] }`)
  }
}
