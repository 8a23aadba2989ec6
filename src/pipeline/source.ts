import { isImplied } from './address-marks.ts'
import { checkHelper } from './check-helper.ts'
import { checkOptions, checkValue } from './check-options.ts'
import { noteEntries } from './entries.ts'
import { Findings } from './findings.ts'
import { named } from './named.ts'
import { check } from './observe.ts'
import { oneOf, WHOLE_NUMBER } from './option-kinds.ts'
import { CLAIMED_SOURCE, UNPROVEN_SOURCE } from './source-kinds.ts'
import { Work } from './react.ts'
import { StageDial } from './stage-dial.ts'
import { stepwise } from './stepwise.ts'
import { HELPER_OPTIONS } from './stage-options.ts'
import type { HelperOptions } from './stage-options.ts'
import type { Source } from './sources.ts'
import type { Candidate, Dial, DialComponents, List, StageInit, Target } from './types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a source may give: addresses, or candidates where it knows more about them */
export type Found = Multiaddr | Candidate

/**
 * Finds addresses. A function that returns an array is asked again for every list, and its answer replaces the one before. A
 * function that returns a promise of an array, or an async iterable, is asked once a dial, and its answer is kept. `above` is
 * the list above at the moment of the question.
 */
export type FindAddresses = (dial: Dial, components: DialComponents, above: readonly Candidate[]) => readonly Found[] | Promise<readonly Found[]> | AsyncIterable<Found>

export interface SourceOptions extends HelperOptions {
  /**
   * When it begins: at once, when the list above is complete and empty, or when that is complete and wholly spent
   *
   * @default 'always'
   */
  when?: 'always' | 'empty' | 'exhausted'
  /** The provenance of the multiaddrs it finds. An object that the node has handed out keeps its own. Default: the stage's name */
  provenance?: Source
  /**
   * How many addresses it may add to one dial. Of an answer, four times as many are read, copies included; the rest is not
   *
   * @default 256
   */
  limit?: number
}

export const WHEN = oneOf('always', 'empty', 'exhausted')

/**
 * A stage that adds addresses to the list from above. What the list already has is not added twice: the provenance of
 * both is merged. A source that throws or rejects is logged, and what stands above it goes on.
 *
 * @throws InvalidPipelineError for an empty name, what is not a function, an unknown or wrong option, and a provenance that is misspelt or that
 * only a verified record or a connection makes
 */
export function source<const N extends string> (name: N, find: FindAddresses, options: SourceOptions = {}): StageInit<'target' | 'candidates', 'candidates', N> {
  return sources(name, [find], options)
}

/**
 * The same for several: each has the limit for itself, and what one of them adds does not keep another from beginning
 *
 * @param kind.isOfBook they find what the address book says, and may say that the node was connected somewhere
 * @param kind.isLocal they ask nobody but this node
 */
export function sources<const N extends string> (name: N, finds: readonly FindAddresses[], init: SourceOptions, { isOfBook = false, isLocal = false }: { isOfBook?: boolean, isLocal?: boolean } = {}): StageInit<'target' | 'candidates', 'candidates', N> {
  checkHelper('source', name, ...finds)
  checkOptions(`source("${name}")`, init, { when: WHEN, provenance: CLAIMED_SOURCE, limit: WHOLE_NUMBER, ...HELPER_OPTIONS })
  const { when = 'always', provenance = name, limit = 256, options } = init
  checkValue(`source("${name}")`, provenance, UNPROVEN_SOURCE)

  return check(named(name, ['target', 'candidates'], 'candidates', components => stepwise((dial, wake) => {
    const work = new Work(wake)
    const parts = finds.map(find => new Findings({ name, find, provenance, limit, isOfBook, dial, components, work }))

    return {
      work,
      next: (input: Target | List): List => {
        const above = input.kind === 'target' ? emptyList(input) : input

        if (isDue(when, above, dial)) {
          parts.forEach(part => { part.ask(above.candidates) })
        }

        // what a relayed address says of its relay comes after what is known of the relay, in the order of stages below
        const isHeld = isLocal && work.pending > 0 && above.candidates.every(isImplied)

        return noteEntries({
          ...above,
          ...when === 'exhausted' && above.complete && !above.candidates.every(isImplied) && work.pending > 0 ? { isLookingFurther: true } : {},
          candidates: parts.reduce((candidates, part) => part.addTo(candidates), isHeld ? [] : above.candidates),
          complete: above.complete && work.pending === 0
        }, dial instanceof StageDial ? dial.policy : [], id => parts.some(part => part.has(id)))
      }
    }
  }), options))
}

/** The list that a target begins with */
export function emptyList (target: Target): List {
  return { kind: 'candidates', candidates: [], complete: true, revision: target.revision }
}

function isDue (when: 'always' | 'empty' | 'exhausted', list: List, dial: Dial): boolean {
  switch (when) {
    case 'always': return true
    case 'empty': return list.complete && list.candidates.every(isImplied)
    // a connection in hand is no reason to look for more
    case 'exhausted': return list.complete && list.candidates.every(one => dial.spent(one)) && !dial.hasConnection
  }
}
