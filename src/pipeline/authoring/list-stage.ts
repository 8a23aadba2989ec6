import { makeStage } from '../runtime/make-stage.ts'
import type { ListPlan } from '../runtime/list-plan.ts'
import type { Stage } from '../types.ts'

/** A list stage of this package: it checks what it answers, and sees more of the dial */
export function listStage<const N extends string> (name: N, begin: ListPlan['begin'], { options, ...plan }: Partial<Omit<ListPlan, 'kind' | 'begin' | 'isTrusted'>> & { options?: readonly string[] } = {}): Stage<'candidates', 'candidates', N> {
  return makeStage({ name, accepts: ['candidates'], yields: 'candidates', options }, { kind: 'list', forRelays: 'own', ...plan, begin, isTrusted: true })
}

/** How a stage counts for relays that drops, by the option of its factory */
export function inheritedUnless (forRelays: boolean | undefined): 'inherited' | 'none' {
  return forRelays === false ? 'none' : 'inherited'
}
