import { Findings, skipSource } from './findings.ts'
import { HELPER_OPTIONS, checkHelper } from './list-stage.ts'
import { isImplied } from '../runtime/live-target.ts'
import { checkArguments, checkValue } from '../check-options.ts'
import { candidate } from '../candidate.ts'
import { BOOLEAN, oneOf, WHOLE_NUMBER } from '../option-kinds.ts'
import { InvalidPipelineError } from '../errors.ts'
import { isAsync } from '../foreign-promises.ts'
import { makeStage } from '../runtime/make-stage.ts'
import { CLAIMED_SOURCE, UNPROVEN_SOURCE } from '../source-kinds.ts'
import type { HelperOptions } from './list-stage.ts'
import type { FindAddresses } from './findings.ts'
import type { AskedList, ListPlan } from '../runtime/make-stage.ts'
import type { SourceStory } from '../runtime/source-story.ts'
import type { Source } from '../sources.ts'
import type { DialHost } from '../runtime/dial-host.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { Candidate, Stage } from '../types.ts'

/** When a source begins: at once, when the list above is complete and empty, or when every attempt has failed or is silent for long */
export type When = 'always' | 'empty' | 'exhausted'

export interface SourceOptions extends HelperOptions {
  /**
   * When the source begins: at once (`always`), when the list above is complete and empty (`empty`), or when every attempt has failed
   * (`exhausted`). Silence counts as failure: the source begins one second after all addresses in flight should have answered.
   * QUIC and WebRTC-direct addresses have 5 s. The attempts go on
   *
   * @default 'always'
   */
  when?: When | undefined
  /** The source of the multiaddrs that the stage finds. A multiaddr object that the node has handed out keeps its own reports. Default: the stage's name */
  provenance?: Source | undefined
  /**
   * The maximum number of addresses that the source adds to one dial. At most four times as many items of an answer are read, duplicates included
   *
   * @default 256
   */
  limit?: number | undefined
  /**
   * Whether the source is asked again each time the list is made, because it reads something that changes during the dial. `dial.target` is an
   * example: it changes when a caller joins
   *
   * @default false
   */
  live?: boolean | undefined
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
 * @throws InvalidPipelineError for a name that is empty or has a `/`, a `find` that is not a function, an async one with `live`, and an unknown or wrong option
 */
export function source<const N extends string> (name: N, find: FindAddresses, options: SourceOptions = {}): Stage<'target' | 'candidates', 'candidates', N> {
  checkArguments('source()', arguments, 3)
  const made = makeSource(name, [find], options)

  if (options.live === true && isAsync(find)) {
    throw new InvalidPipelineError(`source("${name}") with live: true needs a function that returns an array, not an async function: it would be asked once a run. Leave out live, or return an array that your own code updates`)
  }

  return made
}

interface SourceTraits {
  /** Whether the functions read the address book. Only then the source `dialled` is accepted */
  readonly isOfBook?: boolean
  /** Whether the functions ask nothing but this node */
  readonly isLocal?: boolean
  /** Returns why the source asks nobody in a dial, before it is asked, also for a plan */
  readonly whyNot?: (dial: StageDial, above: readonly Candidate[]) => string | undefined
}

/** The same as `source()` for several functions. Each has its own limit, and an address that one adds does not stop another from beginning */
export function makeSource<const N extends string> (name: N, finds: readonly FindAddresses[], init: SourceOptions, { isOfBook = false, isLocal = false, whyNot }: SourceTraits = {}): Stage<'target' | 'candidates', 'candidates', N> {
  checkHelper('source', name, finds, init, { when: WHEN, provenance: CLAIMED_SOURCE, limit: WHOLE_NUMBER, live: BOOLEAN, ...HELPER_OPTIONS })
  const { when = 'always', provenance = name, limit = 256, live: isLive = false, options } = init
  checkValue(`source("${name}")`, provenance, UNPROVEN_SOURCE)

  const begin: ListPlan['begin'] = (dial, work) => {
    const { host } = dial.part
    const ask = (): SourceStory => host.story.ask(dial.qualifiedName, dial.clock.now())
    // the findings are created on the first question: most sources are never asked when the caller passed addresses
    let parts: readonly Findings[] | undefined
    let isSkipped = false

    return list => {
      const isAsked = !isSkipped && (isDue(when, list) || (isLocal && when === 'empty' && list.complete && isOfOthers(list.candidates, host)))
      const reason = isAsked && parts == null ? whyNot?.(dial, list.candidates) : undefined

      if (reason != null) {
        isSkipped = true
        skipSource(ask(), reason, work)
      } else if (isAsked && host.mayAsk?.(dial.qualifiedName, when === 'exhausted') !== false) {
        if (parts == null) {
          const story = ask()
          work.findings = parts = finds.map(find => new Findings({ find, provenance, limit, isLive, isOfBook, work, story }))
        }

        // known addresses have all failed: while the list only waits for this source, the dial gives its turn to others
        const isFurther = when === 'exhausted' && !list.candidates.every(isImplied)
        parts.forEach(part => { part.ask(list.candidates, isFurther) })
      }

      // holds the relay's address that a circuit address includes: the known addresses of the relay come first, by the order of the stages
      const isHeld = isLocal && work.pending > 0 && list.candidates.every(isImplied)

      return (parts ?? []).reduce((candidates, part) => part.addTo(candidates), isHeld ? [] : list.candidates)
    }
  }

  return makeStage({ name, accepts: ['target', 'candidates'], yields: 'candidates', options }, {
    kind: 'list',
    role: 'source',
    isLast: when === 'exhausted',
    isSlow: !isLocal && !isLive,
    forRelays: 'own',
    isTrusted: true,
    begin
  })
}

function isDue (when: When, { candidates, complete, call }: AskedList): boolean {
  return when === 'always' || (complete && (candidates.every(isImplied) || (when === 'exhausted' && (call === 'further' || call === 'last'))))
}

/**
 * Returns whether all candidates are addresses that callers named while another caller named only the peer. A dial of its own would know the addresses of
 * this node
 */
function isOfOthers (candidates: readonly Candidate[], { isOfPeer, target: { current: { multiaddrs, peerId } } }: DialHost): boolean {
  if (isOfPeer !== true) {
    return false
  }

  const named = new Set(multiaddrs.map(one => candidate(one, peerId).id))

  return candidates.every(({ id }) => named.has(id))
}
