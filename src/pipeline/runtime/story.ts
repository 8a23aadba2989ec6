import type { Candidate } from '../types.ts'
import type { Connection } from '@libp2p/interface'

/** Why an address is not tried that a source has found, as a reason begins */
export const OVER_LIMIT = 'over the limit'

/** Why a stage leaves an address out */
export interface Drop {
  readonly reason: string
  readonly cause?: Error
  /** Other addresses have its place: in a dial without them it might stay */
  readonly isCrowdedOut?: boolean
}

/** What happened to one address in a dial */
export interface AddressStory {
  candidate: Candidate
  /** Which stage dropped it before it was attempted, as an edit of the pipeline names it, and why */
  dropped?: Drop & { stage: string }
  /** The identities that stand for it, and which stage put them there */
  expanded?: { stage: string, into: readonly string[] }
  /** The stage that found it first. Undefined: none has said so */
  foundBy?: string
  /** Place in the list of the race that was given it last, from 0. Undefined: it came to no race */
  place?: number
  /** An attempt of it began anew in another network */
  hasRestarted?: boolean
  /** An attempt of it has left its places to others */
  hasLeftPlace?: boolean
  /** The newest 64 */
  attempts: AttemptStory[]
}

/** Attempts of one address that are kept: a `retry()` may go on for as long as the caller's signal allows */
const MAX_ATTEMPTS = 64

/** Times are on the dial's clock, in milliseconds */
export interface AttemptStory {
  /** When the race asked for it */
  requestedAt: number
  /** When a slot was granted */
  startedAt?: number
  firstResponseAt?: number
  /** When the transport was connected, and encryption began */
  openedAt?: number
  /** When encryption was done, and the muxer was chosen */
  encryptedAt?: number
  endedAt?: number
  result?: 'connected' | 'failed' | 'cancelled'
  error?: Error
  connection?: Connection
  /** The id of its connection, once the dial has ended */
  connectionId?: string
  /** A stage below the race was given the connection, and has not passed it on */
  refusal?: Error
}

/** A question to a source. A source that reads what changes is asked again and again, which counts as one */
export class SourceStory {
  readonly stage: string
  readonly askedAt: number
  /** Undefined: the source has not answered */
  endedAt?: number
  /** How many addresses it has given */
  addresses = 0
  /** The error that the source has thrown, or rejected with last: the dial goes on without its answer */
  error?: Error
  #awaited = 0

  constructor (stage: string, askedAt: number) {
    this.stage = stage
    this.askedAt = askedAt
    this.endedAt = askedAt
  }

  /** An answer comes later */
  await (): void {
    this.#awaited++
    this.endedAt = undefined
  }

  /** The source has answered */
  answered (at: number): void {
    if (--this.#awaited === 0) {
      this.endedAt = at
    }
  }
}

/** Questions to sources that are kept: a `retry()` asks again and again */
const MAX_SOURCES = 64

/** Records what happens to each address, cheaply: text and pictures are made when somebody asks */
export class Story {
  readonly addresses = new Map<string, AddressStory>()
  /** Of parts of the dial that gave no connection in time */
  readonly timeouts: Error[] = []
  /** The newest 64, oldest first */
  readonly sources: SourceStory[] = []
  readonly #onSettled = new Set<() => void>()
  readonly #onCandidate?: (candidate: Candidate) => void
  #open = 0

  /** @param onCandidate called once for each address: from then on, whoever looks at the dial may take it from there */
  constructor (onCandidate?: (candidate: Candidate) => void) {
    this.#onCandidate = onCandidate
  }

  of (candidate: Candidate): AddressStory {
    let story = this.addresses.get(candidate.id)

    if (story == null) {
      story = { candidate, attempts: [] }
      this.addresses.set(candidate.id, story)
      this.#onCandidate?.(candidate)
    }

    return story
  }

  /** A source is asked */
  ask (stage: string, now: number): SourceStory {
    const source = new SourceStory(stage, now)

    if (this.sources.push(source) > MAX_SOURCES) {
      this.sources.shift()
    }

    return source
  }

  /** The identities of addresses, and of all that stands for them */
  standingFor (ids: Iterable<string>): Set<string> {
    const all = new Set(ids)

    // a set that grows is iterated to its end
    for (const id of all) {
      this.addresses.get(id)?.expanded?.into.forEach(one => all.add(one))
    }

    return all
  }

  /** Whether an address was attempted, or waits for a slot. One that was cancelled while it waited was not */
  isAttempted (id: string): boolean {
    return this.addresses.get(id)?.attempts.some(({ startedAt, result }) => startedAt != null || result !== 'cancelled') === true
  }

  /** The same without one that ended without an outcome: it gave way to others, or the network has changed */
  isTried (id: string): boolean {
    return this.addresses.get(id)?.attempts.some(({ result }) => result !== 'cancelled') === true
  }

  begin (candidate: Candidate, now: number): AttemptStory {
    const attempt: AttemptStory = { requestedAt: now }
    const story = this.of(candidate)
    // push() would make room for 16 more, and most addresses are attempted once
    story.attempts = (story.attempts.length < MAX_ATTEMPTS ? story.attempts : story.attempts.slice(1)).concat(attempt)
    this.#open++

    return attempt
  }

  /** The attempts that gave a connection: two may share one */
  attemptsWith (connection: Connection): Array<{ candidate: Candidate, attempt: AttemptStory }> {
    return [...this.addresses.values()].flatMap(({ candidate, attempts }) => attempts.filter(one => one.connection === connection).map(attempt => ({ candidate, attempt })))
  }

  end (attempt: AttemptStory, now: number): void {
    attempt.endedAt = now

    if (--this.#open === 0) {
      this.#onSettled.forEach(resolve => { resolve() })
      this.#onSettled.clear()
    }
  }

  /** Resolves when no attempt goes on */
  async settled (): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>(resolve => { this.#onSettled.add(resolve) })
    }
  }

  /** Each source that has failed, with its newest error */
  get sourceFailures (): ReadonlyMap<string, Error> {
    return new Map(this.sources.flatMap(({ stage, error }) => error == null ? [] : [[stage, error] as const]))
  }

  /** The newest error of each address, in the order in which they were first heard of. One that several share is given once */
  get errors (): Error[] {
    const errors = [...this.addresses.values()].flatMap(({ attempts, dropped }) => attempts.flatMap(({ error, refusal }) => error ?? refusal ?? []).at(-1) ?? dropped?.cause ?? [])

    return [...new Set(errors)]
  }
}
