import { AbortError } from '@libp2p/interface'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { STILL_WAITING } from '../../trace/text.ts'
import { DialDeniedError, NoValidAddressesError, throwerOf } from '../../pipeline/errors.ts'
import { OVER_LIMIT } from '../../pipeline/runtime/story.ts'
import type { AddressStory, AttemptStory, Story } from '../../pipeline/runtime/story.ts'
import type { Logger } from '@libp2p/interface'
import type { DialBans } from '../../pipeline/types.ts'

/** How many reasons an error tells: `explain` knows them all */
const MOST_REASONS = 5

/**
 * Returns the error of a dial that gave no connection, as libp2p's own dialer words it. It adds how many addresses `backoff()` held back,
 * how many were over the limit of a source, and where nothing was tried, the reasons
 *
 * @param denied the identities of those that the connection gater denied
 * @param peer the peer of the dial, in words
 */
export function dialError (story: Story, denied: ReadonlySet<string>, peer: string, bans?: DialBans): Error {
  const error = errorOf(story, denied, peer, bans)

  // V8 writes a stack when it is read, and keeps the objects whose methods are on it until then: whoever keeps the error would keep the
  // whole run. `toError()` has let none pass whose stack cannot be read
  for (const one of [error, ...story.errors, ...(story.sourceFailures ?? []).map(({ error }) => error)]) {
    void one.stack
  }

  return error
}

function errorOf (story: Story, denied: ReadonlySet<string>, peer: string, bans?: DialBans): Error {
  const errors = [...story.errors, ...unansweredIn(story) ? timeoutsIn(story) : []]
  const [first] = errors
  const untried = untriedIn(story)

  if (first != null && untried.length > 0) {
    return new AggregateError(errors, `All multiaddr dials failed, and ${untried.join(', and ')}`)
  }

  if (errors.length === 1) {
    return first as Error
  }

  if (errors.length === 0 ? hasDeniedAll(story, denied, bans) : errors.every(({ name }) => name === 'DialDeniedError')) {
    // each ban once
    const banned = shortened([...new Set([...story.addresses.values()].flatMap(({ candidate }) => bans?.reasonFor(candidate) ?? []))])

    return new DialDeniedError(banned === '' ? `The connection gater denied all addresses in the dial request for peer: ${peer}` : `All addresses in the dial request are denied for peer: ${peer} (${banned})`)
  }

  return first == null
    ? new NoValidAddressesError(`The dial request has no valid addresses for peer: ${peer}${reasonsOf(story)}`, story.sourceFailures?.[0] == null ? undefined : { cause: story.sourceFailures[0].error })
    : new AggregateError(errors, 'All multiaddr dials failed')
}

/** Each limit once: a retry runs into its own again and again */
function timeoutsIn ({ timeouts }: Story): Error[] {
  return [...new Map(timeouts.map(error => [error.message, error])).values()]
}

/** Whether a time limit of the pipeline ended what could have connected */
function unansweredIn ({ addresses, errors }: Story): boolean {
  return errors.length === 0 || [...addresses.values()].some(({ attempts }) => attempts.length > 0 && attempts.every(({ error }) => error == null))
}

/** What was dropped, and could have been dialled: that there is no transport for an address is nothing to tell */
function droppedIn ({ addresses }: Story): AddressStory[] {
  return [...addresses.values()].filter(({ dropped }) => dropped != null && !isOf(dropped, 'dialable'))
}

/** How many addresses the dial would have tried later, and how many are more than a source may add, in words */
function untriedIn (story: Story): string[] {
  const dropped = droppedIn(story).flatMap(({ dropped }) => dropped ?? [])
  const counts = { 'in backoff': dropped.filter(one => isOf(one, 'backoff')).length, [OVER_LIMIT]: dropped.filter(({ reason }) => reason.startsWith(OVER_LIMIT)).length }

  return Object.entries(counts).flatMap(([why, n]) => n === 0 ? [] : `${n === 1 ? '1 more address was' : `${n} more addresses were`} not tried: ${why}`)
}

/** A stage is told with the names of the pipelines around it */
function isOf ({ stage }: { readonly stage: string }, name: string): boolean {
  return stage === name || stage.endsWith(`/${name}`)
}

function hasDeniedAll (story: Story, denied: ReadonlySet<string>, bans?: DialBans): boolean {
  const dropped = droppedIn(story)

  return denied.size + dropped.length > 0 && dropped.every(({ candidate }) => denied.has(candidate.id) || bans?.reasonFor(candidate) != null)
}

/** Each once, with how many addresses were dropped for it, and the sources that have failed */
function reasonsOf (story: Story): string {
  const counts = new Map<string, number>()

  for (const { dropped } of droppedIn(story)) {
    const reason = `dropped by ${dropped?.stage}: ${dropped?.reason}`
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }

  // libp2p's own dialer tells nothing of routers either. `explain` and the log know them
  const failures = (story.sourceFailures ?? []).filter(({ stage }) => !isOf({ stage }, 'from-routing'))
  const reasons = [...Array.from(counts, ([reason, count]) => `${count} ${reason}`), ...failures.map(({ stage, error }) => `${stage} failed: ${error.message}`)]

  return reasons.length === 0 ? '' : ` (${shortened(reasons)})`
}

function shortened (reasons: readonly string[]): string {
  return [...reasons.slice(0, MOST_REASONS), ...reasons.length > MOST_REASONS ? ['…'] : []].join('; ')
}

/**
 * The error of a dial whose time is over, as libp2p's own: its cause is what the addresses have failed with until then
 *
 * @param awaited - the stages that have something pending
 */
export function dialTimeoutError (cause: Error | undefined, awaited: readonly string[]): Error {
  const error = new DOMException(`The operation was aborted due to timeout${awaited.length === 0 ? '' : `: ${STILL_WAITING} ${awaited.join(', ')}`}`, 'TimeoutError')

  return cause == null ? error : Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
}

/** Logs which stage has thrown: its error, which ends the dial, is passed on as it is and need not say so */
export function logged (error: Error, log: Logger): Error {
  const thrower = throwerOf(error)

  if (thrower != null) {
    log.error('stage "%s" has thrown, which ends the dial - %e', thrower, error)
  }

  return error
}

/** Something was attempted, all of it failed, and not for a fault of this machine or its network alone */
export function wasInVain ({ addresses }: Story): boolean {
  // one that was cancelled has no outcome: it gave way to others, or the network has changed
  const attempts = [...addresses.values()].flatMap(({ attempts }) => attempts).filter(({ result }) => result !== 'cancelled')

  return attempts.every(hasNoConnection) && attempts.some(isOfPeer)
}

/** One that was refused by the application was a connection all the same */
function hasNoConnection ({ result, error }: AttemptStory): boolean {
  return result === 'failed' && error?.name !== 'VerificationError'
}

function isOfPeer ({ error, requestedAt, startedAt = requestedAt, firstResponseAt, endedAt = startedAt }: AttemptStory): boolean {
  return error != null && !isOwnFailure(failureOf(error, endedAt - startedAt, firstResponseAt != null))
}

const closed = new WeakSet<Error>()

/** Notes what a dial failed with, where that is a connection which closed before anybody was given it */
export function noteClosed (error: unknown): void {
  if (isClosed(error)) {
    closed.add(error)
  }
}

/** A connection has closed, which a dial had given to several: not one that closed in its dial */
export function wasClosedAfterDial (error: unknown): boolean {
  return isClosed(error) && !closed.has(error)
}

function isClosed (error: any): error is Error {
  return error?.name === 'ConnectionClosedError'
}

/** Returns the reason of a signal as it is. An AbortError stands for null, of which libp2p's own listeners would read the name */
export function abortReasonOf (reason: unknown): unknown {
  return reason ?? new AbortError('The dial was aborted without a reason')
}
