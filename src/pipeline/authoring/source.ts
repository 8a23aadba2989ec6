import { finding } from './findings.ts'
import { HELPER_OPTIONS, checkHelper } from './list-stage.ts'
import { checkArguments, checkValue } from '../check-options.ts'
import { BOOLEAN, oneOf, WHOLE_NUMBER } from '../option-kinds.ts'
import { makeStage } from '../runtime/make-stage.ts'
import { CLAIMED_SOURCE, UNPROVEN_SOURCE } from '../source-kinds.ts'
import type { HelperOptions } from './list-stage.ts'
import type { FindAddresses, When } from './findings.ts'
import type { Source } from '../sources.ts'
import type { Stage } from '../types.ts'

export interface SourceOptions extends HelperOptions {
  /**
   * When it begins: at once, when the list above is complete and empty, or when all has been tried in vain. Silence counts as that: where all
   * that is known is in flight, and was silent for a second longer than answers take, the source begins while the attempts go on
   *
   * @default 'always'
   */
  when?: When
  /** The provenance of the multiaddrs it finds. An object that the node has handed out keeps its own. Default: the stage's name */
  provenance?: Source
  /**
   * How many addresses it may add to one dial. Of an answer, four times as many are read, copies included; the rest is not
   *
   * @default 256
   */
  limit?: number
  /**
   * It is asked again whenever the list is made: it reads what changes while the dial runs, as `dial.target` does when a caller joins
   *
   * @default false
   */
  live?: boolean
}

export const WHEN = oneOf('always', 'empty', 'exhausted')

/** Options of a source that reads what the node knows */
export type KnownOptions = Pick<SourceOptions, 'when' | 'limit'>

export const KNOWN_OPTIONS = { when: WHEN, limit: WHOLE_NUMBER }

/**
 * A stage that adds addresses to the list from above. What the list already has is not added twice: the provenance of
 * both is merged. A source that throws or rejects is logged, and what stands above it goes on.
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, and an unknown or wrong option
 */
export function source<const N extends string> (name: N, find: FindAddresses, options: SourceOptions = {}): Stage<'target' | 'candidates', 'candidates', N> {
  checkArguments('source()', arguments, 3)
  return sources(name, [find], options)
}

/**
 * The same for several: each has the limit for itself, and what one of them adds does not keep another from beginning
 *
 * @param kind.isOfBook they find what the address book says, and may say that the node was connected somewhere
 * @param kind.isLocal they ask nobody but this node
 */
export function sources<const N extends string> (name: N, finds: readonly FindAddresses[], init: SourceOptions, { isOfBook = false, isLocal = false }: { isOfBook?: boolean, isLocal?: boolean } = {}): Stage<'target' | 'candidates', 'candidates', N> {
  checkHelper('source', name, finds, init, { when: WHEN, provenance: CLAIMED_SOURCE, limit: WHOLE_NUMBER, live: BOOLEAN, ...HELPER_OPTIONS })
  const { when = 'always', provenance = name, limit = 256, live = false, options } = init
  checkValue(`source("${name}")`, provenance, UNPROVEN_SOURCE)

  return makeStage({ name, accepts: ['target', 'candidates'], yields: 'candidates', options }, {
    kind: 'list',
    role: 'source',
    isLast: when === 'exhausted',
    isSlow: when === 'always' && !isLocal && !live,
    forRelays: 'own',
    isTrusted: true,
    begin: finding({ finds, when, provenance, limit, isLive: live, isOfBook, isLocal })
  })
}
