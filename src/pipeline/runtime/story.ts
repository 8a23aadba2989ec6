import { SourceStory } from './source-story.ts'
import type { AnyStage, Candidate } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** The beginning of the reason for dropping an address that a source found beyond its limit */
export const OVER_LIMIT = 'over the limit'

/** Why a stage drops an address */
export interface Drop {
  readonly reason: string
  readonly cause?: Error
  /** The number of the drop if other addresses displaced the address: a dial without those might keep it. Lower numbers stood higher in the list */
  readonly crowdedOutAs?: number
}

/** The events of one address in a dial */
export interface AddressStory {
  candidate: Candidate
  /** The stage that dropped the address before an attempt, as edits name the stage, and the reason */
  dropped?: Drop & { stage: string }
  /** The ids of the candidates that replaced the address, and the stage that did so */
  expanded?: { stage: string, into: readonly string[] }
  /** The stage that found the address first. Undefined: unknown */
  foundBy?: string
  /** The index in the newest list of a race. Undefined: no race has seen it */
  position?: number
  /** Whether an attempt of the address began again in another network */
  hasRestarted?: boolean
  /** Whether an attempt of the address released its prefix slots to others */
  hasLeftPrefixSlots?: boolean
  /** The newest 64 attempts */
  attempts: AttemptStory[]
}

/** The maximum number of attempts of an address, of questions and of timeouts that are kept: a `retry()` may run for as long as the caller's signal allows */
const MAX_KEPT = 64

function keepNewest<T> (kept: T[], one: T): void {
  if (kept.push(one) > MAX_KEPT) {
    kept.shift()
  }
}

/** The events of one attempt. Times are on the dial's clock, in milliseconds */
export interface AttemptStory {
  /** When the race asked for the attempt */
  requestedAt: number
  /** Whether a layer around the attempt has not called `next` */
  isInLayer?: boolean
  /** Whether the connection gater has not judged the address */
  isAtGater?: boolean
  /** When the attempt got a slot */
  startedAt?: number
  firstResponseAt?: number
  /** When the transport was connected, and encryption began */
  openedAt?: number
  /** When the connection was encrypted, and muxer negotiation began */
  encryptedAt?: number
  endedAt?: number
  result?: 'connected' | 'failed' | 'cancelled'
  error?: Error
  connection?: Connection
  /** The id of the connection, once the dial has ended */
  connectionId?: string
  /** Why a stage below the race did not pass on the connection */
  refusal?: Error
  /** The stages whose verdict failed the attempt: one below the race, or filters for the relay. A race without one of them may dial the candidate again */
  refusers?: readonly AnyStage[]
}

/** Records the events of each address in a dial. Text and pictures are made only on request */
export class Story {
  readonly addresses = new Map<string, AddressStory>()
  /** Number of drops of addresses that others displaced */
  crowdedOut = 0
  /** The timeouts of parts of the dial that gave no connection in time: the newest 64, oldest first */
  readonly timeouts: Error[] = []
  /** The newest 64 questions to sources, oldest first */
  readonly sources: SourceStory[] = []
  // created when needed: most dials have no hand-written stage below the race
  #below?: Set<string>
  #provisional?: Connection
  // a WeakSet, because with a `retry()` connections may be refused for as long as the caller's signal allows
  #refused?: WeakSet<Connection>
  #onSettled?: () => void
  readonly #onCandidate?: (candidate: Candidate) => void
  #open = 0

  /** @param onCandidate called once for each address, before anyone can read it from the story */
  constructor (onCandidate?: (candidate: Candidate) => void) {
    this.#onCandidate = onCandidate
  }

  /** The names of the stages below a race that have a connection, and have not passed it on */
  get below (): Set<string> {
    return (this.#below ??= new Set())
  }

  /** Returns the story of an address, with the candidate as it is now: its sources add reports one by one */
  of (candidate: Candidate): AddressStory {
    let story = this.addresses.get(candidate.id)

    if (story == null) {
      story = { candidate, attempts: [] }
      this.addresses.set(candidate.id, story)
      this.#onCandidate?.(candidate)
    }

    story.candidate = candidate

    return story
  }

  /** Records that a source is asked */
  ask (stage: string, now: number): SourceStory {
    const source = new SourceStory(stage, now)
    keepNewest(this.sources, source)

    return source
  }

  timedOut (error: Error): void {
    keepNewest(this.timeouts, error)
  }

  /** Returns the ids of candidates, and of all that replaced them */
  standingFor (ids: Iterable<string>): Set<string> {
    const all = new Set(ids)

    // iterating over a Set includes the values that are added meanwhile
    for (const id of all) {
      this.addresses.get(id)?.expanded?.into.forEach(one => all.add(one))
    }

    return all
  }

  /** Returns whether an address was attempted, or waits for a slot. A wait that was cancelled does not count */
  isAttempted (id: string): boolean {
    return this.addresses.get(id)?.attempts.some(({ startedAt, result }) => startedAt != null || result !== 'cancelled') === true
  }

  /** Returns whether an attempt of an address has not been cancelled. A restart counts as cancelled */
  isTried (id: string): boolean {
    return this.addresses.get(id)?.attempts.some(({ result }) => result !== 'cancelled') === true
  }

  /** Returns the stages whose verdict failed the latest attempt of a candidate. A cancelled attempt had none */
  refusersOf ({ id }: Candidate): readonly AnyStage[] {
    return this.addresses.get(id)?.attempts.findLast(({ result }) => result === 'connected' || result === 'failed')?.refusers ?? []
  }

  begin (candidate: Candidate, now: number): AttemptStory {
    const attempt: AttemptStory = { requestedAt: now }
    const story = this.of(candidate)
    // concat() allocates exactly one slot, push() 17, and most addresses are attempted once
    story.attempts = (story.attempts.length < MAX_KEPT ? story.attempts : story.attempts.slice(1)).concat(attempt)
    this.#open++

    return attempt
  }

  /** The connection that answers the dial if no better one is established. Undefined when there is none, it has closed, or a stage refused it */
  get provisional (): Connection | undefined {
    return this.#provisional?.status === 'open' && !this.isRefused(this.#provisional) ? this.#provisional : undefined
  }

  /** Keeps a connection as the answer in case no better one is established. The race need not give it back */
  keepProvisional (connection: Connection): void {
    this.#provisional = connection
  }

  /** Returns whether an attempt of the dial has made a connection */
  hasMade (connection: Connection): boolean {
    return this.#attemptsWith(connection).length > 0
  }

  /** Returns whether a stage below a race has refused a connection. It may stay open for a while, or for another dial */
  isRefused (connection: Connection): boolean {
    return this.#refused?.has(connection) === true
  }

  /** Records that a stage below a race did not pass on a connection. The first reason stays */
  refuse (connection: Connection, refuser: AnyStage, refusal?: Error): void {
    this.#refused = (this.#refused ?? new WeakSet()).add(connection)
    this.keepBack(connection, refuser, refusal)
  }

  /** Records that a stage below a race had not passed on a connection yet when its part of the dial ended. The first reason stays */
  keepBack (connection: Connection, refuser: AnyStage, refusal?: Error): void {
    for (const attempt of this.#attemptsWith(connection)) {
      attempt.refusers = [refuser]
      attempt.refusal ??= refusal
    }
  }

  /** Returns the attempts with a connection: two attempts may share one */
  #attemptsWith (connection: Connection): AttemptStory[] {
    return [...this.addresses.values()].flatMap(({ attempts }) => attempts.filter(one => one.connection === connection))
  }

  end (attempt: AttemptStory, now: number): void {
    attempt.endedAt = now

    if (--this.#open === 0) {
      this.#onSettled?.()
    }
  }

  /** Resolves when no attempt is in flight. Called once */
  async settled (): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>(resolve => { this.#onSettled = resolve })
    }
  }

  /** Each source that has failed, with its latest error */
  get sourceFailures (): ReadonlyMap<string, Error> {
    return new Map(this.sources.flatMap(({ stage, error }) => error == null ? [] : [[stage, error] as const]))
  }

  /** The latest error of each address, deduplicated, in the order in which the addresses were found */
  get errors (): Error[] {
    const errors = [...this.addresses.values()].flatMap(({ attempts, dropped }) => attempts.flatMap(({ error, refusal }) => error ?? refusal ?? []).at(-1) ?? dropped?.cause ?? [])

    return [...new Set(errors)]
  }
}
