import { reactAll } from './react.ts'
import { Wake } from './wake.ts'
import type { Step } from './react.ts'
import type { Dial, Flow, Stage } from './types.ts'

/** Begins a stage's part in a dial. News of its work goes to `wake` */
export type Begin = (dial: Dial, wake: Wake) => Step

/** A stage that answers each input at once, and again when its own work has news */
export interface StepwiseStage<In extends keyof Flow, Out extends keyof Flow> extends Stage<In, Out> {
  /** For a runner that runs several of them in one loop */
  readonly begin: Begin
}

export function stepwise<In extends keyof Flow> (begin: Begin): StepwiseStage<In, 'candidates'> {
  return {
    begin,
    run: (source, dial) => {
      const wake = new Wake()

      return reactAll(source, dial.signal, wake, [begin(dial, wake)])
    }
  }
}
