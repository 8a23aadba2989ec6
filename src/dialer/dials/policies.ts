import { DISTINCT_OPTIONS } from '../../pipeline/dial-options.ts'
import { makeStage } from '../../pipeline/runtime/make-stage.ts'
import { ValueKeys, declaredValues } from './pipelines.ts'
import type { DialPolicy } from '../../pipeline/runtime/dial-host.ts'
import type { AnyStage, DialPipelineOptions } from '../../pipeline/types.ts'

/** The policies of the dials of one node */
export class Policies {
  readonly keys = new ValueKeys()
  readonly #known = new WeakMap<DialPolicy, string>()

  /** Returns a key that is equal for policies with the same filters and options */
  keyOf (policy: DialPolicy): string {
    const key = this.#known.get(policy) ?? this.#makeKey(policy)
    this.#known.set(policy, key)

    return key
  }

  /**
   * Combines the policies of all dials that share an attempt: its nested dial is made for all of them. Returns a stage for each policy, and a key that
   * is equal for the same filters and options
   */
  inherit (policies: Iterable<DialPolicy>): { readonly key: string, readonly stages: readonly AnyStage[] } {
    const byKey = new Map(Array.from(policies, policy => [this.keyOf(policy), policy]))
    // the key of a policy without filters
    byKey.delete('')

    return { key: [...byKey.keys()].toSorted().join('|'), stages: Array.from(byKey.values(), policy => this.#make(policy)) }
  }

  /**
   * Returns the options that a nested dial inherits: only `provenance`, which then replaces the node's policy for the relay too. Empty
   * when the dials that share the attempt differ, and when the address comes from a source below the policy
   */
  optionsOf (policies: Iterable<DialPolicy>): DialPipelineOptions {
    const [first, ...others] = policies
    const provenance = first?.stages.some(({ options }) => options.includes('provenance')) === true ? first.options.provenance : undefined

    return first == null || provenance == null || others.some(one => this.keyOf(one) !== this.keyOf(first)) ? {} : { provenance }
  }

  #makeKey (policy: DialPolicy): string {
    const { stages, bypassed } = inheritedBy(policy)
    const all = bypassed.concat(stages)

    return `${bypassed.length === 0 ? '' : `${bypassed.length} beside `}${all.map(stage => this.keys.of(stage).key).join('')}${declaredValues(policy.options, optionsOf(all), this.keys).key}`
  }

  /**
   * Makes a list stage that applies the policy of an outer dial, with only the options that its filters read. The relay's address inside
   * the outer address is judged by the filters that the outer address has passed. Any other address is also judged by the bypassed filters
   */
  #make (policy: DialPolicy): AnyStage {
    const { stages, bypassed } = inheritedBy(policy)
    const { values } = declaredValues(policy.options, optionsOf(bypassed.concat(stages)), this.keys)

    return makeStage({ name: 'inherited', accepts: ['candidates'], yields: 'candidates' }, { kind: 'inherited', policy: { stages, bypassed, options: values } })
  }
}

/**
 * Returns the filters of a policy that apply to a relay. Bypassed filters of the node's own pipeline do not: that pipeline judges the
 * relay as it judges any peer. Bypassed filters that read options do, because the pipeline runs for the relay without those options
 */
function inheritedBy ({ stages, bypassed = [], options }: DialPolicy): { stages: DialPolicy['stages'], bypassed: DialPolicy['stages'] } {
  return { stages, bypassed: options.pipeline == null ? bypassed.filter(({ options }) => options.length > 0) : bypassed }
}

function optionsOf (stages: DialPolicy['stages']): string[] {
  return stages.length === 0 ? [] : [...DISTINCT_OPTIONS, ...stages.flatMap(({ options }) => options)]
}
