import { Follow } from './follow.ts'
import { toStageError } from './to-stage-error.ts'
import { Wake } from './wake.ts'

/** The work that a stage does beside passing lists on: what is pending, and news of it */
export class Work {
  /** Who runs the stage waits for it */
  readonly wake: Wake
  #pending = 0
  #news = false
  #failure?: { error: unknown }

  constructor (wake: Wake = new Wake()) {
    this.wake = wake
  }

  get pending (): number {
    return this.#pending
  }

  /** There is something new to say */
  changed (): void {
    this.#news = true
    this.wake.notify()
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

/** What a stage makes of each input, and the work that it has beside */
export interface Step {
  readonly work?: Work
  /** The name of the stage, where others share its loop */
  readonly stage?: string
  next (input: any): any
}

/**
 * Runs stages that follow one another in one loop, without a generator and its promises for each. Whenever an input arrives
 * all of them are asked; when the work of one has news, that one, with its newest input, and those below. Ends when the
 * source has ended and nothing is pending.
 */
export async function * reactAll (source: AsyncIterable<any>, signal: AbortSignal, wake: Wake, steps: readonly Step[]): AsyncGenerator<any> {
  const upstream = new Follow(source, wake)
  const inputs: any[] = steps.map(() => undefined)

  try {
    while (true) {
      const arrived = upstream.take()
      const news = firstWithNews(steps)
      const from = arrived === undefined ? news : 0

      if (arrived !== undefined || inputs[from] !== undefined) {
        let flow = arrived ?? inputs[from]
        let i = from

        try {
          for (; i < steps.length; i++) {
            inputs[i] = flow
            flow = (steps[i] as Step).next(flow)
          }
        } catch (err) {
          const { stage } = steps[i] as Step
          throw stage == null ? err : toStageError(stage, err)
        }

        yield flow
      } else if (upstream.done && steps.every(({ work }) => work == null || work.pending === 0)) {
        return
      } else {
        await wake.wait(signal)
      }
    }
  } finally {
    upstream.leave()
  }
}

/** The same for one stage */
export function react<In, Out> (source: AsyncIterable<In>, signal: AbortSignal, work: Work, next: (input: In) => Out): AsyncGenerator<Out> {
  return reactAll(source, signal, work.wake, [{ work, next }])
}

/** Where none has: one past the last. All are asked, as one that has failed says so */
function firstWithNews (steps: readonly Step[]): number {
  return steps.reduceRight((first, { work }, i) => work?.takeNews() === true ? i : first, steps.length)
}
