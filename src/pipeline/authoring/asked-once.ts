import { isPipelineFault, toError } from '../errors.ts'
import { isThenable, settledOrAborted } from '../foreign-promises.ts'
import type { StageDial } from '../runtime/stage-dial.ts'
import type { StageWork } from '../runtime/work.ts'
import type { Candidate, Dial } from '../types.ts'

export interface AskedOnceInit<T> {
  readonly ask: (candidate: Candidate, dial: StageDial) => T | Promise<T>
  /** @throws for what is no answer */
  readonly check: (answer: unknown, candidate: Candidate) => void
  /** Called with what the function throws or rejects with. @throws what ends the dial */
  readonly onFailure: (candidate: Candidate, thrown: unknown) => void
}

/** What a function says of each candidate in one run of a stage. It is asked once for each, and may take its time */
export class AskedOnce<T> {
  readonly #init: AskedOnceInit<T>
  readonly #dial: StageDial
  readonly #work: StageWork
  readonly #answers = new Map<Candidate, T | undefined>()

  constructor (dial: StageDial, work: StageWork, init: AskedOnceInit<T>) {
    this.#init = init
    this.#dial = dial
    this.#work = work
  }

  /** Undefined: the function takes its time, or has failed */
  of (candidate: Candidate): T | undefined {
    const known = this.#answers.get(candidate)

    if (known !== undefined || this.#answers.has(candidate)) {
      return known
    }

    this.#answers.set(candidate, undefined)

    try {
      const answer = this.#init.ask(candidate, this.#dial)

      if (!isThenable(answer)) {
        return this.#settle(candidate, answer)
      }

      this.#work.add(this.#settleLater(candidate, answer))
    } catch (err) {
      this.#init.onFailure(candidate, err)
    }
  }

  #settle (candidate: Candidate, answer: T): T {
    this.#init.check(answer, candidate)
    this.#answers.set(candidate, answer)

    return answer
  }

  async #settleLater (candidate: Candidate, answer: Promise<T>): Promise<void> {
    try {
      this.#settle(candidate, await settledOrAborted(answer, this.#dial.signal))
    } catch (err) {
      this.#init.onFailure(candidate, err)
    }
  }
}

/**
 * Logs what a function of a stage has thrown, and returns it as an Error: it costs one address, or one source
 *
 * @param what what the stage could not do, as the log has it
 * @throws what was thrown, where the pipeline is at fault, or the dial has ended
 */
export function logFailure (dial: Dial, thrown: unknown, what: string, ...args: readonly unknown[]): Error {
  if (isPipelineFault(thrown) || dial.signal.aborted) {
    throw thrown
  }

  const error = toError(thrown)
  dial.log.error(`${what} - %e`, ...args, error)

  return error
}
