import { AbortError } from '@libp2p/interface'
import { STILL_WAITING } from '../../pipeline/runtime/dial-host.ts'
import { withoutPeer } from '../../pipeline/candidate.ts'
import { explainError, DialDeniedError, NoValidAddressesError, throwerOf } from '../../pipeline/errors.ts'
import { failedIn, nameOf, noneFoundIn, othersIn, safeReason } from './failure-words.ts'
import { OVER_LIMIT } from '../../pipeline/runtime/story.ts'
import { isNamed, partsOf, planOf } from '../../pipeline/runtime/make-stage.ts'
import { refusedBy, refusersOf } from '../../pipeline/runtime/part.ts'
import type { AddressStory, Story } from '../../pipeline/runtime/story.ts'
import type { Logger } from '@libp2p/interface'
import type { AnyStage, DialBans } from '../../pipeline/types.ts'

/** Maximum number of bans in an error message */
const MAX_BANS = 5

/** The members of a dial without a connection that its error needs */
export interface FailedDial {
  readonly story: Story
  /** The ids of the addresses that the connection gater or a ban has denied */
  readonly denied: ReadonlySet<string>
  readonly peer?: string
  /** The peer for messages. For a relay it also names the peers behind it */
  readonly peerInWords: string
  readonly bans?: DialBans
  readonly inherited?: readonly AnyStage[]
}

/**
 * Returns the error of a dial without a connection. The message begins like that of libp2p's own dialer, and gives the reason for each
 * address and each failed source. When only one attempt was possible and failed, returns the error of that attempt
 */
export function dialError (dial: FailedDial): Error {
  const { story } = dial
  const error = errorOf(dial)
  const refusers = refusersIn(dial)

  if (refusers.length > 0) {
    refusedBy(refusers, error)
  }

  // V8 formats a stack when it is first read, and until then keeps alive the objects on it: a stored error would keep the whole run.
  // `toError()` has replaced errors whose stack cannot be read
  for (const one of [error, ...story.errors, ...story.sourceFailures.values()]) {
    void one.stack
  }

  return error
}

/** Returns the inherited filters that dropped an address of the dial, or of a dial that it made in turn */
function refusersIn ({ story, inherited = [] }: FailedDial): AnyStage[] {
  const places = new Set(Array.from(story.addresses.values(), ({ dropped }) => dropped?.stage))
  const further = new Set(story.errors.flatMap(refusersOf))

  return inherited.flatMap(filtersIn).filter(one => (places.has(one.name) && !isNamed(one.name, 'dialable') && !isNamed(one.name, 'gater')) || further.has(one))
}

/** Returns a filter, or the filters of an inherited policy */
function filtersIn (stage: AnyStage): readonly AnyStage[] {
  return planOf(stage).kind === 'inherited' ? partsOf(stage).flatMap(filtersIn) : [stage]
}

function errorOf ({ story, denied, peer, peerInWords, bans }: FailedDial): Error {
  const errors = [...story.errors, ...unansweredIn(story) ? timeoutsIn(story) : []]
  const [first] = errors
  const others = othersIn(story, peer)

  if (first != null && (errors.length > 1 || isShared(first, story) || hasUntried(story))) {
    if (errors.every(({ name }) => name === 'DialDeniedError')) {
      return deniedError(story, peerInWords, bans)
    }

    const failed = failedIn(story, peer)
    // no address has failed with the time limits of the pipeline
    const timeouts = errors.filter(one => story.timeouts.includes(one)).map(({ message }) => message)
    nameAddresses(story, peer)

    return new AggregateError(errors, `All multiaddr dials failed for ${peerInWords}: ${[...failed, ...timeouts, ...others].join('; ')}`)
  }

  if (first != null) {
    nameAddresses(story, peer, others)

    if (story.timeouts.includes(first)) {
      explainError(first, others)
    }

    return first
  }

  if (hasDeniedAll(story, denied, bans)) {
    return deniedError(story, peerInWords, bans)
  }

  const [cause] = story.sourceFailures.values()
  const reasons = others.length === 0 && story.addresses.size === 0 ? noneFoundIn(story) : others

  return new NoValidAddressesError(`The dial request has no valid addresses for peer: ${peerInWords}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`, cause == null ? undefined : { cause })
}

/** Returns the error of a dial whose addresses are all denied. It names the bans, without duplicates */
function deniedError (story: Story, peer: string, bans: DialBans | undefined): DialDeniedError {
  const reasons = [...new Set([...story.addresses.values()].flatMap(({ candidate }) => bans?.reasonFor(candidate) ?? []))]
  const banned = `${reasons.slice(0, MAX_BANS).map(safeReason).join('; ')}${reasons.length > MAX_BANS ? '; …' : ''}`

  return new DialDeniedError(banned === '' ? `The connection gater denied all addresses in the dial request for peer: ${peer}` : `All addresses in the dial request are denied for peer: ${peer} (${banned})`)
}

/** Returns whether several addresses have failed with the same error, which alone would name none of them */
function isShared (error: Error, { addresses }: Story): boolean {
  return [...addresses.values()].filter(({ attempts }) => attempts.some(one => one.error === error)).length > 1
}

/** Adds its address and `others` to the error of each attempt. Skips errors that several addresses share */
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

/** Returns the errors of the time limits that were reached, without duplicates: a retry reaches the same limit again and again */
function timeoutsIn ({ timeouts }: Story): Error[] {
  return [...new Map(timeouts.map(error => [error.message, error])).values()]
}

/** Returns whether an attempted address has no error, or no address has one: a time limit of the pipeline may have cancelled its attempt */
function unansweredIn ({ addresses, errors }: Story): boolean {
  return errors.length === 0 || [...addresses.values()].some(({ attempts }) => attempts.length > 0 && attempts.every(({ error }) => error == null))
}

/** Returns the dropped addresses, except those that `dialable` has dropped: this node could never have dialled them */
function droppedIn ({ addresses }: Story): AddressStory[] {
  return [...addresses.values()].filter(({ dropped }) => dropped != null && !isNamed(dropped.stage, 'dialable'))
}

/** Returns whether the dial left out addresses that it would have tried: an address is in backoff, or exceeds the limit of its source */
function hasUntried (story: Story): boolean {
  return droppedIn(story).some(({ dropped }) => dropped != null && (isNamed(dropped.stage, 'backoff') || dropped.reason.startsWith(OVER_LIMIT)))
}

function hasDeniedAll (story: Story, denied: ReadonlySet<string>, bans?: DialBans): boolean {
  const dropped = droppedIn(story)

  return denied.size + dropped.length > 0 && dropped.every(({ candidate }) => denied.has(candidate.id) || bans?.reasonFor(candidate) != null)
}

/**
 * Returns the error of a dial that has timed out. The message begins like that of libp2p's own dialer. It names the pending stages and
 * what has become of each address
 *
 * @param awaited the names of the pending stages
 */
export function dialTimeoutError (dial: FailedDial, awaited: readonly string[]): Error {
  const { story, peer } = dial
  const rest = [...awaited.length === 0 ? [] : [`${STILL_WAITING} ${awaited.join(', ')}`], ...failedIn(story, peer), ...othersIn(story, peer)]
  const error = new DOMException(`The operation was aborted due to timeout${rest.length === 0 ? '' : `: ${rest.join('; ')}`}`, 'TimeoutError')

  return story.errors.length === 0 ? error : Object.defineProperty(error, 'cause', { value: dialError(dial), configurable: true, writable: true })
}

/** Logs an error that ends the dial, and adds the stage that threw it to the message */
export function logged (error: Error, log: Logger): Error {
  const thrower = throwerOf(error)

  if (thrower != null) {
    log.error('stage "%s" has thrown, which ends the dial - %e', thrower, error)
    explainError(error, [`thrown by ${thrower}`])
  }

  return error
}

/** Returns the reason of a signal. Replaces null with an AbortError, because libp2p's listeners read the reason's name */
export function abortReasonOf (reason: unknown): unknown {
  return reason ?? new AbortError('The dial was aborted without a reason')
}
