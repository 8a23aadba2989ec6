/** The questions to one source. A live source is asked repeatedly, which counts as one question */
export class SourceStory {
  readonly stage: string
  readonly askedAt: number
  /** Undefined while an answer is pending */
  endedAt?: number
  addresses = 0
  /** The latest error of the source. The dial goes on without its answer */
  error?: Error
  notAsked?: string
  /** When the part of the dial ended that had asked. Undefined: it goes on, or it got its answer */
  leftAt?: number
  #awaited = 0

  constructor (stage: string, askedAt: number) {
    this.stage = stage
    this.askedAt = askedAt
    this.endedAt = askedAt
  }

  /** Records that an answer is pending */
  await (): void {
    this.#awaited++
    this.endedAt = undefined
  }

  answered (at: number): void {
    if (--this.#awaited === 0) {
      this.endedAt = at
    }
  }
}
