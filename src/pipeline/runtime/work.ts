import { isCandidate } from '../candidate.ts'
import { describeValue } from '../describe-value.ts'
import { InvalidStageOutputError, NoValidAddressesError, toError, toStageError } from '../errors.ts'
import { isThenable } from '../foreign-promises.ts'
import { formatAddresses, safeText } from '../safe-text.ts'
import { StageRule } from './rules.ts'
import { StageDial } from './stage-dial.ts'
import { nextTurn } from '../clock.ts'
import type { Drop } from './story.ts'
import type { Candidate, Rule, Timer, Work } from '../types.ts'

/** The maximum number of new candidates that a hand-written stage adds to a dial, like those of `expand()` */
const MAX_ADDED = 1_024

/** The reason of a drop without one */
const DROPPED = 'dropped'

/** The reason of a hand-written stage that leaves a candidate out of a complete list: most likely the stage meant to wait */
export const LEFT_OUT = 'left out of a complete list: work.drop() says why, work.add() or work.after() that it waits'

/** The reasons that explain nothing */
export const UNEXPLAINED: ReadonlySet<string> = new Set([DROPPED, LEFT_OUT])

/** A dial as one list stage sees it in one part, with the stage's pending work, rules and drops */
export class StageWork extends StageDial implements Work {
  pending = 0
  /** How many of the pending items search further because every attempt has failed */
  further = 0
  hasNews = false
  /** Whether `begin` has returned: the race below has read the rules */
  hasBegun = false
  /** Undefined without rules: most stages have none, and no array is allocated */
  rules?: StageRule[]
  /** The addresses that a source has found. Not a closure: V8 would keep one, with all that it refers to, until the next major collection */
  findings?: ReadonlyArray<{ has (id: string): boolean }>
  /** For the id of each replacement, the ids of the candidates that it replaces */
  origins?: Map<string, Set<string>>
  /** For the id of each missing candidate, why it was dropped */
  drops?: Map<string, Drop>
  /** The rejection of a promise of the stage, which fails the dial */
  failure?: Error
  #replaced?: Set<string>
  #times?: Set<number>
  #collects?: Set<() => void>
  #added = 0

  /** Has the stage asked again */
  notify (): void {
    this.hasNews = true
    this.part.host.target.wake.notify()
  }

  /** Has the stage asked again after this turn of the event loop. All calls within a turn are combined, so that one answer gives one list */
  notifySoon (collect: () => void): void {
    if (this.#collects == null) {
      const collects = new Set<() => void>()
      this.#collects = collects
      nextTurn(() => {
        this.#collects = undefined
        collects.forEach(fn => { fn() })
        this.notify()
      })
    }

    this.#collects.add(collect)
  }

  /** Records a candidate that the stage adds. Only a candidate that is new to the dial counts as news */
  found (candidate: Candidate): void {
    const { story, target } = this.part.host

    if (!story.addresses.has(candidate.id)) {
      target.knowledge++
      story.of(candidate).foundBy = this.qualifiedName
    }
  }

  /** Returns whether a hand-written stage may add a candidate. A candidate that the dial knows does not count towards the cap */
  mayAdd (candidate: Candidate): boolean {
    if (this.part.host.story.addresses.has(candidate.id)) {
      return true
    }

    if (++this.#added > MAX_ADDED) {
      this.log('takes no new candidates: the limit of %d is reached', MAX_ADDED)

      return false
    }

    this.found(candidate)

    return true
  }

  add (promise: Promise<unknown>, isFurther = false): void {
    if (!isThenable(promise)) {
      throw this.#fault(`has added ${describeValue(promise)} to its work where a promise was expected`)
    }

    const settle = (): void => {
      this.pending--
      this.further -= Number(isFurther)
      this.notify()
    }

    this.pending++
    this.further += Number(isFurther)
    // wrapped: a foreign thenable may settle twice
    Promise.resolve(promise).then(settle, (error: unknown) => {
      // a wait that ends with the dial is no failure of the stage
      if (!this.part.isEnded) {
        this.failure ??= toStageError(this.qualifiedName, error)
      }

      settle()
    })
  }

  after (ms: number): Timer {
    this.#checkTime('waits for', ms)
    this.pending++

    const timer = {
      done: false,
      end: () => {
        if (!timer.done) {
          timer.done = true
          cancel()
          this.pending--
          this.notify()
        }
      }
    }
    const cancel = ms === Infinity ? () => {} : this.part.after(ms, timer.end)

    return timer
  }

  at (time: number): void {
    this.#checkTime('asks for', time)
    const now = this.clock.now()
    const times = (this.#times ??= new Set())

    if (time <= now || time === Infinity || times.has(time)) {
      return
    }

    times.add(time)
    this.part.after(time - now, () => {
      times.delete(time)
      this.notify()
    })
  }

  pace (rule: Rule): void { this.#register('pace', rule) }
  hold (rule: Rule): void { this.#register('hold', rule) }

  #register (kind: 'pace' | 'hold', rule: Rule): void {
    if (this.hasBegun) {
      throw this.#fault(`has called work.${kind}() after its begin had returned: register the rule in begin, and let the rule read what the stage learns later`)
    }

    (this.rules ??= []).push(new StageRule(this, rule, kind === 'pace'))
  }

  drop (candidate: Candidate, why: string, cause?: Error): void {
    this.#checkCandidate('has dropped', candidate)

    if (why != null && typeof why !== 'string') {
      throw this.#fault(`has dropped ${candidate.id} for ${describeValue(why)}: a reason is a text`)
    }

    const reason = why == null || why === '' ? DROPPED : why
    this.#drop(candidate, cause == null ? { reason } : { reason, cause })
  }

  /** Drops a candidate that other candidates displace. If another caller named these, the caller of the dropped one may get a dial of its own */
  crowdOut (candidate: Candidate, reason: string): void { this.#drop(candidate, { reason, crowdedOutAs: ++this.part.host.story.crowdedOut }) }

  #drop (candidate: Candidate, drop: Drop): void {
    const { host } = this.part
    const { reason, cause } = drop
    this.drops = (this.drops ?? new Map()).set(candidate.id, drop)
    const story = host.story.of(candidate)

    // the story of an attempted candidate is its attempts, and not a drop
    if (story.attempts.length > 0 || (story.dropped?.stage === this.qualifiedName && story.dropped.reason === reason)) {
      return
    }

    this.logStep('dropped %s: %s', candidate.id, reason)
    // the error of a gater fails the dial unchanged, as in libp2p
    const wrapped = cause == null || this.stage === 'gater' ? cause : new NoValidAddressesError(`${formatAddresses([candidate.id])} was dropped by ${this.qualifiedName}: ${safeText(reason, 512)}`, { cause: toError(cause) })
    story.dropped = { stage: this.qualifiedName, ...drop, ...wrapped == null ? {} : { cause: wrapped } }
    host.dropped?.(candidate, story.dropped)
  }

  became (candidate: Candidate, into: readonly Candidate[]): void {
    this.#checkCandidate('has replaced', candidate)

    if (!Array.isArray(into)) {
      throw this.#fault(`has replaced ${candidate.id} with ${describeValue(into)} where an array of candidates was expected`)
    }

    into.forEach(one => { this.#checkCandidate(`has replaced ${candidate.id} with`, one) })
    const origins = (this.origins ??= new Map<string, Set<string>>())
    this.#replaced = (this.#replaced ?? new Set()).add(candidate.id)

    for (const { id } of into) {
      origins.set(id, (origins.get(id) ?? new Set<string>()).add(candidate.id))
    }

    this.logStep('%s became %s', candidate.id, into)
    this.part.host.story.of(candidate).expanded = { stage: this.qualifiedName, into: into.map(({ id }) => id) }
  }

  /** Removes the drops of candidates that are in the answer again */
  passed (candidates: readonly Candidate[]): void {
    for (const candidate of this.drops == null || this.drops.size === 0 ? [] : candidates) {
      const story = this.drops?.delete(candidate.id) === true ? this.part.host.story.of(candidate) : undefined

      if (story?.dropped?.stage === this.qualifiedName) {
        story.dropped = undefined
      }
    }
  }

  /** Records a candidate that is missing from a complete answer. @param unsaid the reason if the stage has given none */
  leftOut (candidate: Candidate, unsaid = DROPPED): void {
    if (this.#replaced?.has(candidate.id) !== true) {
      this.#drop(candidate, this.drops?.get(candidate.id) ?? { reason: unsaid })
    }
  }

  #checkTime (what: string, time: unknown): void {
    if (typeof time !== 'number' || Number.isNaN(time)) {
      throw this.#fault(`${what} ${describeValue(time)}: a time is a number of milliseconds`)
    }
  }

  #checkCandidate (what: string, value: unknown): void {
    if (!isCandidate(value)) {
      throw this.#fault(`${what} ${describeValue(value)} where a candidate was expected`)
    }
  }

  #fault (what: string): Error {
    return new InvalidStageOutputError(this.stage, what)
  }
}
