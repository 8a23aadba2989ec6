import { checkOptions } from './check-options.ts'
import { asPolicy } from './dial-policy.ts'
import { named } from './named.ts'
import { filledListOf, FUNCTION, NAME, oneOf, required } from './option-kinds.ts'
import { FILTER_OPTIONS } from './stage-options.ts'
import type { Dial, DialComponents, Flow, StageInit } from './types.ts'

export interface StageDefinition<N extends string, In extends keyof Flow, Out extends keyof Flow> {
  name: N
  accepts: readonly In[]
  yields: Out
  /** The per-dial options that it reads */
  options?: readonly string[]
  /**
   * Whether a list stage is for relays too: as it stands in the node's pipeline, and by inheritance. See `FilterOptions`
   *
   * @default true
   */
  forRelays?: boolean
  /** One dial. What it yields is checked, and what it drops is recorded as dropped by this stage */
  run (source: AsyncIterable<Flow[In]>, dial: Dial, components: DialComponents): AsyncIterable<Flow[Out]>
}

const FLOW = oneOf('target', 'candidates', 'connections')

const PARTS = { name: required(NAME), accepts: required(filledListOf(`of ${FLOW.expected}`, FLOW)), yields: required(FLOW), run: required(FUNCTION), ...FILTER_OPTIONS }

/**
 * A stage that none of the other helpers makes. For the contract it has to keep see `docs/architecture.md`
 *
 * @throws InvalidPipelineError for a definition that is incomplete, or has an unknown or wrong part
 */
export function stage<const N extends string, const In extends keyof Flow, const Out extends keyof Flow> (definition: StageDefinition<N, In, Out>): StageInit<In, Out, N> {
  checkOptions('stage()', definition, PARTS)
  const { name, accepts, yields, options, forRelays } = definition
  const init = named(name, accepts, yields, components => ({
    run: (source, dial) => definition.run(source, dial, components)
  }), options)

  return Object.freeze(forRelays === false ? asPolicy(init, false) : init)
}
