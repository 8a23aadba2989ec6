import { checkedPredicate, HELPER_OPTIONS } from '../authoring/list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { isStage } from '../describe-value.ts'
import { FUNCTION } from '../option-kinds.ts'
import { makeStage } from '../runtime/make-stage.ts'
import { checkStages } from '../stage-order.ts'
import { acceptedByAll } from './make-combinator.ts'
import type { HelperOptions } from '../authoring/list-stage.ts'
import type { InOf, Listing } from '../stage-order.ts'
import type { AnyStage, Dial, Stage } from '../types.ts'

/**
 * Creates a stage that runs another stage only in the dials for which `predicate` returns true. It keeps the name of that stage. If the stage is
 * a filter that a dial runs, the dial of a relay that it needs runs the filter too.
 *
 * @param init.options the names of the dial options that the predicate reads. Callers with different values get a dial of their own
 * @throws InvalidPipelineError if `predicate` is not a function, or `stage` is not a stage that yields candidates
 */
export function when<const S> (predicate: (dial: Dial) => boolean, stage: Listing<S>, init: HelperOptions = {}): Stage<InOf<S>, 'candidates', Extract<S, AnyStage>['name']> {
  checkArguments('when()', arguments, 3)
  checkValue('when()', predicate, { ...FUNCTION, advise: value => isStage(value) ? 'when(predicate, stage)' : undefined })
  checkStages('when()', 'candidates', stage)
  checkOptions('when()', init, HELPER_OPTIONS)

  const inner = stage as unknown as Extract<S, AnyStage>

  return makeStage({ name: inner.name, accepts: acceptedByAll([inner]) as Array<InOf<S>>, yields: 'candidates', options: [...inner.options, ...init.options ?? []] }, {
    kind: 'when',
    predicate: checkedPredicate(inner.name, predicate, 'stands in a when() whose predicate'),
    stage: inner
  })
}
