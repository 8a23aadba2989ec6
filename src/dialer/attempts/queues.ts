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

  /** Forgets one that has nothing to do */
  tidy (key: string): void {
    const queue = this.get(key)

    if (queue?.size === 0 && queue.pending === 0) {
      this.#queues.delete(key)
    }
  }
}
