import { checkedPredicate } from './checked-predicate.ts'
import { policyOf, setPolicy } from './dial-policy.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { make, runStages } from './run.ts'
import { emptyList } from './source.ts'
import type { InOf } from './fallback.ts'
import type { HelperOptions } from './stage-options.ts'
import type { AnyStageInit, Dial, DialComponents, Flow, List, StageInit, Target } from './types.ts'

/** A stage that only some dials pass through; the others go by it. Keeps the stage's name. `options` are the dial options that the predicate reads */
export function when<const S extends AnyStageInit & { readonly accepts: { readonly candidates: true }, readonly yields: 'candidates' }> (predicate: (dial: Dial) => boolean, stage: S, { options = [] }: HelperOptions = {}): StageInit<InOf<S>, 'candidates', S['name']> {
  const appliesTo = checkedPredicate(stage.name, predicate)

  const init = check(named(stage.name as S['name'], Object.keys(stage.accepts) as Array<InOf<S>>, 'candidates', (components: DialComponents) => {
    const made = make(stage, components)

    return {
      run: (source: AsyncIterable<Flow[InOf<S>]>, dial: Dial): AsyncIterable<List> => appliesTo(dial)
        ? runStages([made], source, dial)
        : lists(source as AsyncIterable<Target | List>)
    }
  }, [...stage.options ?? [], ...options]))

  return setPolicy(init, policyOf(stage).length > 0 ? [init] : [])
}

async function * lists (source: AsyncIterable<Target | List>): AsyncGenerator<List> {
  for await (const value of source) {
    yield value.kind === 'target' ? emptyList(value) : value
  }
}
