import { acceptedByAll } from './combined.ts'
import { checkedPredicate, HELPER_OPTIONS } from '../authoring/list-stage.ts'
import { checkArguments, checkOptions, checkValue } from '../check-options.ts'
import { isStage } from '../describe-value.ts'
import { FUNCTION } from '../option-kinds.ts'
import { checkStages } from '../order-check.ts'
import { makeStage } from '../runtime/make-stage.ts'
import type { HelperOptions } from '../authoring/list-stage.ts'
import type { InOf, Listing } from '../ordered.ts'
import type { AnyStage, Dial, Stage } from '../types.ts'

/**
 * A stage that only some dials pass through; the others go by it. Keeps the stage's name. The dial of a relay inherits a filter if
 * the dial that needs it passes through
 *
 * @param init the dial options that the predicate reads
 * @throws InvalidPipelineError for what is not a function, and for what is not a stage that yields candidates
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
