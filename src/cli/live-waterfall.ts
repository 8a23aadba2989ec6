import { createLogUpdate } from 'log-update'
import { waterfall } from './waterfall.ts'
import type { Context } from './context.ts'
import type { DialTrace } from '../trace/types.ts'

/** Lines reserved above and below the waterfall */
const OTHER_LINES = 4

/** Redraws a dial while it runs if the output is a terminal, and always prints its end */
export class LiveWaterfall {
  readonly #context: Context
  readonly #update?: ReturnType<typeof createLogUpdate>

  constructor (context: Context) {
    this.#context = context
    this.#update = context.isTerminal ? createLogUpdate(context.stdout as NodeJS.WriteStream) : undefined
  }

  update (trace: DialTrace): void {
    this.#update?.(waterfall(trace, this.#context, { rows: Math.max(4, ((this.#context.stdout as Partial<NodeJS.WriteStream>).rows ?? 24) - OTHER_LINES) }))
  }

  /** Replaces the drawing with the finished dial, and shows the cursor again */
  end (trace: DialTrace | undefined): void {
    this.#update?.clear()
    this.#update?.done()

    if (trace != null) {
      this.#context.print(waterfall(trace, this.#context))
    }
  }
}
