import { Bounded } from '../../pipeline/bounded.ts'
import { DISTINCT_OPTIONS } from '../../pipeline/declared-options.ts'
import { makeStage } from '../../pipeline/runtime/make-stage.ts'
import { ValueKeys, declaredValues } from './value-keys.ts'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { AnyStage, DialPipelineOptions } from '../../pipeline/types.ts'

/** The filters that a dial inherits which is made for an attempt */
export interface Inheritance {
  /** The text that dials with the same filters and options have in common */
  readonly key: string
  /** A stage for each policy of the dials that want the attempt */
  readonly stages: readonly AnyStage[]
}

/** How many are kept: one for each pipeline and set of options of those who dial relayed addresses */
const MAX_KEPT = 64

/** The policies of the dials of one node */
export class Policies {
  readonly keys = new ValueKeys()
  readonly #known = new WeakMap<DialPolicy, string>()
  readonly #kept = new Bounded<readonly AnyStage[]>(MAX_KEPT)

  /** The text that policies of the same filters and options have in common */
  keyOf (policy: DialPolicy): string {
    const { options } = policy
    const { stages, bypassed } = inheritedBy(policy)
    const all = bypassed.concat(stages)
    const key = this.#known.get(policy) ?? `${bypassed.length === 0 ? '' : `${bypassed.length} beside `}${all.map(stage => this.keys.of(stage).key).join('')}${declaredValues(options, optionsOf(all), this.keys).key}`
    this.#known.set(policy, key)

    return key
  }

  /** All of several policies: the attempt is made for everybody who wants it */
  inherit (policies: Iterable<DialPolicy>): Inheritance {
    const byKey = new Map(Array.from(policies).filter(policy => inheritedBy(policy).stages.length + inheritedBy(policy).bypassed.length > 0).map(policy => [this.keyOf(policy), policy]))
    const key = [...byKey.keys()].toSorted().join('|')

    return { key, stages: this.#kept.renew(key, () => Array.from(byKey.values(), policy => this.#make(policy))) }
  }

  /**
   * The options that a dial made for an attempt inherits: `provenance` is the policy of a dial, in the place of the node's, at a relay
   * too. None where the dials that share the attempt differ, nor where the address comes from a source below the policy
   */
  optionsOf (policies: Iterable<DialPolicy>): DialPipelineOptions {
    const [first, ...others] = policies
    const provenance = first?.stages.some(({ options }) => options.includes('provenance')) === true ? first.options.provenance : undefined

    return first == null || provenance == null || others.some(one => this.keyOf(one) !== this.keyOf(first)) ? {} : { provenance }
  }

  /** Keeps the options that the filters read, and no other */
  #make (policy: DialPolicy): AnyStage {
    const { stages, bypassed } = inheritedBy(policy)
    const { values } = declaredValues(policy.options, optionsOf(bypassed.concat(stages)), this.keys)

    return inheritedFilters({ stages, bypassed, options: values })
  }
}

/**
 * The node's own pipeline judges a relay as it judges any peer, so that filters which an address of the peer has bypassed are no matter
 * there. But the options of the dial are: the pipeline runs for the relay without them
 */
function inheritedBy ({ stages, bypassed = [], options }: DialPolicy): { stages: DialPolicy['stages'], bypassed: DialPolicy['stages'] } {
  return { stages, bypassed: options.pipeline == null ? bypassed.filter(readsOptions) : bypassed }
}

function readsOptions ({ options }: AnyStage): boolean {
  return options.length > 0
}

function optionsOf (stages: DialPolicy['stages']): string[] {
  return stages.length === 0 ? [] : [...DISTINCT_OPTIONS, ...stages.flatMap(({ options }) => options)]
}

/**
 * A list stage that applies the policy of another dial, with the options of that dial. The address that the other dial's address has
 * within it, as the one of a relay, is judged by the filters that the other's has passed. Any other is judged by the bypassed ones too
 */
export function inheritedFilters (policy: DialPolicy): AnyStage {
  return makeStage({ name: 'inherited', accepts: ['candidates'], yields: 'candidates' }, { kind: 'inherited', policy })
}
