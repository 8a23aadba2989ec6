import { AbortError } from '@libp2p/interface'
import { failureOf, isOwnFailure } from '../../history/failure.ts'
import { STILL_WAITING } from '../../trace/words.ts'
import { explainError, withoutPeer } from '../../pipeline/explain-error.ts'
import { FailureWords, nameOf, safeReason } from './failure-words.ts'
import { DialDeniedError, NoValidAddressesError, throwerOf } from '../../pipeline/errors.ts'
import { OVER_LIMIT } from '../../pipeline/runtime/story.ts'
import { isNamed } from '../../pipeline/stage-names.ts'
import type { AddressStory, AttemptStory, Story } from '../../pipeline/runtime/story.ts'
import type { Logger } from '@libp2p/interface'
import type { DialBans } from '../../pipeline/types.ts'

/** How many bans an error tells */
const MOST_BANS = 5

/** A dial that gave no connection, as far as its error goes */
export interface FailedDial {
  readonly story: Story
  /** The identities of the addresses that the connection gater denied */
  readonly denied: ReadonlySet<string>
  /** The peer as text. Undefined: unknown */
  readonly peer?: string
  /** The peer in words, and for a relay which peers it leads to */
  readonly peerInWords: string
  readonly bans?: DialBans
}

/**
 * Returns the error of a dial that gave no connection. It begins with the words of libp2p's own dialer, and says of each address why, and
 * which sources have failed. Where one attempt has failed and nothing else could be tried, the error is that of the attempt
 */
export function dialError (dial: FailedDial): Error {
  const { story } = dial
  const error = errorOf(dial)

  // V8 writes a stack when it is read, and keeps the objects whose methods are on it until then: whoever keeps the error would keep the
  // whole run. `toError()` has let none pass whose stack cannot be read
  for (const one of [error, ...story.errors, ...story.sourceFailures.values()]) {
    void one.stack
  }

  return error
}

function errorOf ({ story, denied, peer, peerInWords, bans }: FailedDial): Error {
  const errors = [...story.errors, ...unansweredIn(story) ? timeoutsIn(story) : []]
  const [first] = errors
  const words = new FailureWords(story, peer)
  const { others } = words

  if (first != null && (errors.length > 1 || isShared(first, story) || hasUntried(story))) {
    if (errors.every(({ name }) => name === 'DialDeniedError')) {
      return deniedError(story, peerInWords, bans)
    }

    const { failed } = words
    nameAddresses(story, peer)

    return new AggregateError(errors, `All multiaddr dials failed for ${peerInWords}: ${[...failed, ...timeoutsOf(errors, story), ...others].join('; ')}`)
  }

  if (first != null) {
    nameAddresses(story, peer, others)

    return first
  }

  if (hasDeniedAll(story, denied, bans)) {
    return deniedError(story, peerInWords, bans)
  }

  const [cause] = story.sourceFailures.values()

  return new NoValidAddressesError(`The dial request has no valid addresses for peer: ${peerInWords}${others.length === 0 ? '' : ` (${others.join('; ')})`}`, cause == null ? undefined : { cause })
}

/** Says which bans hold, each once */
function deniedError (story: Story, peer: string, bans: DialBans | undefined): DialDeniedError {
  const reasons = [...new Set([...story.addresses.values()].flatMap(({ candidate }) => bans?.reasonFor(candidate) ?? []))]
  const banned = `${reasons.slice(0, MOST_BANS).map(safeReason).join('; ')}${reasons.length > MOST_BANS ? '; …' : ''}`

  return new DialDeniedError(banned === '' ? `The connection gater denied all addresses in the dial request for peer: ${peer}` : `All addresses in the dial request are denied for peer: ${peer} (${banned})`)
}

/** Whether several addresses have failed with one error: alone it would name none of them */
function isShared (error: Error, { addresses }: Story): boolean {
  return [...addresses.values()].filter(({ attempts }) => attempts.some(one => one.error === error)).length > 1
}

/** Has the error of each attempt name its address, and say `others`. One that several addresses failed with is left as it is */
function nameAddresses ({ addresses }: Story, peer: string | undefined, others: readonly string[] = []): void {
  const names = new Map<Error, string | undefined>()

  for (const { candidate: { id }, attempts } of addresses.values()) {
    for (const { error } of attempts) {
      if (error != null) {
        names.set(error, names.has(error) && names.get(error) !== id ? undefined : id)
      }
    }
  }

  names.forEach((id, error) => {
    if (id != null) {
      explainError(error, [...error.message.includes(withoutPeer(id)) ? [] : [nameOf(id, peer)], ...others])
    }
  })
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
  return [...addresses.values()].filter(({ dropped }) => dropped != null && !isNamed(dropped.stage, 'dialable'))
}

/** Whether the dial would have tried more: an address is in backoff, or more than a source may add */
function hasUntried (story: Story): boolean {
  return droppedIn(story).some(({ dropped }) => dropped != null && (isNamed(dropped.stage, 'backoff') || dropped.reason.startsWith(OVER_LIMIT)))
}

/** The time limits of the pipeline among the errors, which no address has failed with */
function timeoutsOf (errors: readonly Error[], { timeouts }: Story): string[] {
  return errors.filter(one => timeouts.includes(one)).map(({ message }) => message)
}

function hasDeniedAll (story: Story, denied: ReadonlySet<string>, bans?: DialBans): boolean {
  const dropped = droppedIn(story)

  return denied.size + dropped.length > 0 && dropped.every(({ candidate }) => denied.has(candidate.id) || bans?.reasonFor(candidate) != null)
}

/**
 * Returns the error of a dial whose time is over, as libp2p's own begins. It says what is awaited, and what became of the addresses until now
 *
 * @param awaited what has something pending, by name
 */
export function dialTimeoutError (dial: FailedDial, awaited: readonly string[]): Error {
  const { story, peer } = dial
  const words = new FailureWords(story, peer)
  const rest = [...awaited.length === 0 ? [] : [`${STILL_WAITING} ${awaited.join(', ')}`], ...words.failed, ...words.others]
  const error = new DOMException(`The operation was aborted due to timeout${rest.length === 0 ? '' : `: ${rest.join('; ')}`}`, 'TimeoutError')

  return story.errors.length === 0 ? error : Object.defineProperty(error, 'cause', { value: dialError(dial), configurable: true, writable: true })
}

/** Logs which stage has thrown, and has its error say so, which ends the dial and is passed on */
export function logged (error: Error, log: Logger): Error {
  const thrower = throwerOf(error)

  if (thrower != null) {
    log.error('stage "%s" has thrown, which ends the dial - %e', thrower, error)
    explainError(error, [`thrown by ${thrower}`])
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
