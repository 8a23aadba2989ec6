import { Follow } from './follow.ts'
import { Wake } from './wake.ts'

/** The work that a stage does beside passing lists on: what is pending, and news of it */
export class Work extends Wake {
  #pending = 0
  #news = false
  #failure?: { error: unknown }

  get pending (): number {
    return this.#pending
  }

  /** There is something new to say */
  changed (): void {
    this.#news = true
    this.notify()
  }

  /** Counts as pending until it settles. It rejects only if the stage is broken: that ends the dial */
  add (task: Promise<unknown>): void {
    this.#pending++
    task.catch(error => { this.#failure ??= { error } }).finally(() => {
      this.#pending--
      this.changed()
    })
  }

  /** Whether there was news since the last call */
  takeNews (): boolean {
    if (this.#failure != null) {
      throw this.#failure.error
    }

    const news = this.#news
    this.#news = false

    return news
  }
}

/**
 * The engine of stages that have work of their own: runs `step` on the newest input, whenever an input arrives or the
 * work has news. Ends when the source has ended and nothing is pending.
 */
export async function * react<In, Out> (source: AsyncIterable<In>, signal: AbortSignal, work: Work, step: (input: In) => Out): AsyncGenerator<Out> {
  const upstream = new Follow(source, work)
  let input: In | undefined

  try {
    while (true) {
      const arrived = upstream.take()
      const news = work.takeNews()
      input = arrived ?? input

      if (input !== undefined && (arrived !== undefined || news)) {
        yield step(input)
      } else if (upstream.done && work.pending === 0) {
        return
      } else {
        await work.wait(signal)
      }
    }
  } finally {
    upstream.leave()
  }
}
