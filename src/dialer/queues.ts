import PQueue from 'p-queue'

/** Waits for a slot, and runs what needs it */
export type Enter = <T>(next: () => Promise<T>) => Promise<T>

/** A queue for each of many, while it has something to do */
export class Queues {
  readonly #concurrency: number
  readonly #queues = new Map<string, PQueue>()

  constructor (concurrency: number) {
    this.#concurrency = concurrency
  }

  get (key: string): PQueue | undefined {
    return this.#queues.get(key)
  }

  /** Made where there is none */
  of (key: string): PQueue {
    const queue = this.get(key) ?? new PQueue({ concurrency: this.#concurrency })
    this.#queues.set(key, queue)

    return queue
  }

  isFull (key: string): boolean {
    const queue = this.get(key)

    return queue != null && queue.pending >= this.#concurrency
  }

  /** Forgets one that has nothing to do */
  tidy (key: string): void {
    const queue = this.get(key)

    if (queue?.size === 0 && queue.pending === 0) {
      this.#queues.delete(key)
    }
  }
}

/** Counts who waits for the first time, by what they wait for */
export class Newcomers {
  readonly #counts = new Map<string, number>()

  has (key: string): boolean {
    return this.#counts.has(key)
  }

  /** The same wait, counted. Undefined: it is not the first */
  counting (key: string | undefined, enter: Enter): Enter {
    return key == null ? enter : async next => {
      let waits = 1
      const stop = (): void => {
        this.#add(key, -waits)
        waits = 0
      }
      this.#add(key, waits)

      try {
        return await enter(async () => {
          stop()

          return next()
        })
      } finally {
        stop()
      }
    }
  }

  #add (key: string, n: number): void {
    const count = (this.#counts.get(key) ?? 0) + n

    if (count === 0) {
      this.#counts.delete(key)
    } else {
      this.#counts.set(key, count)
    }
  }
}
