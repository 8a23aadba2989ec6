import { clipMiddle, safeText } from '../../pipeline/safe-text.ts'
import { isNamed } from '../../pipeline/runtime/make-stage.ts'
import { errorSummary, withCode } from '../../trace/error-text.ts'
import { failureWords, shortAddress } from '../../trace/outcome.ts'
import type { AddressStory, AttemptStory, Story } from '../../pipeline/runtime/story.ts'

/** Limits of an error message. The trace of the error has everything */
const MAX_FAILED = 8
const MAX_REASONS = 8
const MAX_ADDRESSES = 2
const MAX_ADDRESS = 120
const MAX_REASON = 160

/**
 * Describes the failure of each attempted address, in words of limited length: `/ip4/192.0.2.1/tcp/4001 refused`
 *
 * @param peer the peer id of the dial, which is left out of each address
 */
export function failedIn ({ addresses }: Story, peer?: string): string[] {
  const failed = [...addresses.values()].filter(hasFailed)
  const more = failed.length - MAX_FAILED

  return [...failed.slice(0, MAX_FAILED).map(story => `${nameOf(story.candidate.id, peer)} ${whyFailed(story)}`), ...more > 0 ? [`${more} more failed`] : []]
}

/**
 * Describes the reasons of addresses without an outcome, and the failures of sources: `1 dropped by gater: denied (/ip4/192.0.2.1/tcp/9)`
 *
 * @param peer the peer id of the dial, which is left out of each address
 */
export function othersIn ({ addresses, sourceFailures }: Story, peer?: string): string[] {
  const groups = Map.groupBy(addresses.values(), whyNot)
  groups.delete(undefined)
  const words = Array.from(groups, ([what, all]) => `${all.length} ${what} (${formatAddresses(all.map(({ candidate: { id } }) => nameOf(id, peer)))})`)
  const sources = Array.from(sourceFailures, ([stage, error]) => `${stage} failed: ${messageOf(error)}`)
  const more = words.length - MAX_REASONS

  return [...words.slice(0, MAX_REASONS), ...more > 0 ? [`${more} more reasons`] : [], ...sources.slice(0, MAX_REASONS)]
}

/** Describes why no source has found an address: `no address found; from-routing not asked: no peer router is configured` */
export function noneFoundIn ({ sources }: Story): string[] {
  const notAsked = new Map(sources.flatMap(({ stage, notAsked }) => notAsked == null ? [] : [[stage, notAsked] as const]))

  return ['no address found', ...Array.from(notAsked, ([stage, reason]) => `${stage} not asked: ${reason}`).slice(0, MAX_REASONS)]
}

/** Returns an address for an error message: escaped, cut in the middle, and without its peer id if that is the dial's */
export function nameOf (id: string, peer: string | undefined): string {
  return clipMiddle(safeText(shortAddress(id, { target: { peer } }), MAX_ADDRESS * 4), MAX_ADDRESS)
}

/** Returns a stage's reason or an error's message for another error message: escaped, and cut in the middle, because advice stands at the end */
export function safeReason (text: string): string {
  return clipMiddle(safeText(text, MAX_REASON * 4), MAX_REASON)
}

function formatAddresses (addresses: readonly string[]): string {
  return [...addresses.slice(0, MAX_ADDRESSES), ...addresses.length > MAX_ADDRESSES ? ['…'] : []].join(', ')
}

function lastFailed ({ attempts }: AddressStory): AttemptStory | undefined {
  return attempts.findLast(({ error, refusal }) => error != null || refusal != null)
}

function hasFailed (story: AddressStory): boolean {
  return lastFailed(story) != null
}

function whyFailed (story: AddressStory): string {
  const { error, refusal, requestedAt, startedAt = requestedAt, firstResponseAt, endedAt = startedAt } = lastFailed(story) as AttemptStory

  if (error == null) {
    return `connected, but ${messageOf(refusal)}`
  }

  return safeReason(failureWords(withCode(errorSummary(error), error), endedAt - startedAt, firstResponseAt != null))
}

/** Returns why an address has no outcome. Undefined when it has failed, or was expanded into other addresses */
function whyNot (story: AddressStory): string | undefined {
  const { attempts, dropped, expanded } = story

  if (hasFailed(story)) {
    return
  }

  if (attempts.length > 0) {
    if (attempts.every(({ isInLayer }) => isInLayer)) {
      return 'waiting in an attempt layer'
    }

    if (attempts.some(({ result }) => result === 'connected')) {
      return 'connected, but not passed on'
    }

    return attempts.some(({ startedAt }) => startedAt != null) ? 'not answered in time' : attempts.some(({ isAtGater }) => isAtGater) ? 'waiting for the connection gater' : 'without a slot'
  }

  if (dropped != null) {
    return isNamed(dropped.stage, 'dialable') ? safeReason(dropped.reason) : `dropped by ${dropped.stage}: ${safeReason(dropped.reason)}`
  }

  return expanded == null ? 'not tried' : undefined
}

function messageOf (error: unknown): string {
  return safeReason(errorSummary(error).message)
}
