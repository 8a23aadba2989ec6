import { checkOptions, checkValue } from './check-options.ts'
import { checkedPredicate } from './checked-predicate.ts'
import { named } from './named.ts'
import { compose } from './observe.ts'
import { FUNCTION } from './option-kinds.ts'
import { checkStages } from './order-check.ts'
import { make, runStages } from './run.ts'
import { emptyList } from './source.ts'
import { HELPER_OPTIONS } from './stage-options.ts'
import type { InOf } from './fallback.ts'
import type { HelperOptions } from './stage-options.ts'
import type { AnyStageInit, Dial, DialComponents, Flow, List, StageInit, Target } from './types.ts'

/**
 * A stage that only some dials pass through; the others go by it. Keeps the stage's name. The dial of a relay inherits a filter if
 * the dial that needs it passes through
 *
 * @param init the dial options that the predicate reads
 * @throws InvalidPipelineError for what is not a function, and for what is not a stage that yields candidates
 */
export function when<const S extends AnyStageInit & { readonly accepts: { readonly candidates: true }, readonly yields: 'candidates' }> (predicate: (dial: Dial) => boolean, stage: S, init: HelperOptions = {}): StageInit<InOf<S>, 'candidates', S['name']> {
  checkValue('when()', predicate, FUNCTION)
  checkStages('when()', 'candidates', stage)
  checkOptions('when()', init, HELPER_OPTIONS)
  const { options = [] } = init
  const appliesTo = checkedPredicate(stage.name, predicate, 'stands in a when() whose predicate')

  return compose(named(stage.name as S['name'], Object.keys(stage.accepts) as Array<InOf<S>>, 'candidates', (components: DialComponents) => {
    const inner = make(stage, components)

    return {
      run: (source: AsyncIterable<Flow[InOf<S>]>, dial: Dial): AsyncIterable<List> => appliesTo(dial)
        ? runStages([inner], source, dial)
        : runStages([], lists(source as AsyncIterable<Target | List>), dial)
    }
  }, [...stage.options ?? [], ...options]))
}

async function * lists (source: AsyncIterable<Target | List>): AsyncGenerator<List> {
  for await (const value of source) {
    yield value.kind === 'target' ? emptyList(value) : value
  }
}
