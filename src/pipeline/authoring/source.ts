import { beginSource } from './begin-source.ts'
import { HELPER_OPTIONS, checkHelper } from './list-stage.ts'
import { checkArguments, checkValue } from '../check-options.ts'
import { BOOLEAN, oneOf, WHOLE_NUMBER } from '../option-kinds.ts'
import { makeStage } from '../runtime/make-stage.ts'
import { CLAIMED_SOURCE, UNPROVEN_SOURCE } from '../source-kinds.ts'
import type { HelperOptions } from './list-stage.ts'
import type { BeginSourceInit, When } from './begin-source.ts'
import type { FindAddresses } from './findings.ts'
import type { Source } from '../sources.ts'
import type { Stage } from '../types.ts'

export interface SourceOptions extends HelperOptions {
  /**
   * When the source begins: at once (`always`), when the list above is complete and empty (`empty`), or when every attempt has failed
   * (`exhausted`). Silence counts as failure: the source begins one second after all addresses in flight should have answered. The attempts go on
   *
   * @default 'always'
   */
  when?: When
  /** The source of the multiaddrs that it finds. A multiaddr object that the node has handed out keeps its own reports. Default: the stage's name */
  provenance?: Source
  /**
   * The maximum number of addresses that the source adds to one dial. Of an answer, at most four times as many items are read, duplicates included
   *
   * @default 256
   */
  limit?: number
  /**
   * Whether the source is asked again each time the list is made, because it reads something that changes during the dial. `dial.target` is an
   * example: it changes when a caller joins
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
 * Creates a stage that adds addresses to the list from above. An address that the list has is not added twice: the reports of both are merged.
 * If `find` throws, rejects or answers something other than addresses, the error is logged and the dial goes on with the list from above.
 *
 * ```ts
 * source('registry', async ({ target, signal }) => lookUp(target.peerId, { signal }), { when: 'empty' })
 * ```
 *
 * @throws InvalidPipelineError for an empty name, a `find` that is not a function, and an unknown or wrong option
 */
export function source<const N extends string> (name: N, find: FindAddresses, options: SourceOptions = {}): Stage<'target' | 'candidates', 'candidates', N> {
  checkArguments('source()', arguments, 3)
  return makeSource(name, [find], options)
}

/**
 * The same as `source()` for several functions. Each has its own limit, and an address that one adds does not stop another from beginning
 *
 * @param kind.isOfBook whether the functions read the address book. Only then the source `dialled` is accepted
 * @param kind.isLocal whether the functions ask nothing but this node
 * @param kind.whyNot returns why the source asks nobody in a dial
 */
export function makeSource<const N extends string> (name: N, finds: readonly FindAddresses[], init: SourceOptions, { isOfBook = false, isLocal = false, whyNot }: Partial<Pick<BeginSourceInit, 'isOfBook' | 'isLocal' | 'whyNot'>> = {}): Stage<'target' | 'candidates', 'candidates', N> {
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
    begin: beginSource({ finds, when, provenance, limit, isLive: live, isOfBook, isLocal, whyNot })
  })
}
