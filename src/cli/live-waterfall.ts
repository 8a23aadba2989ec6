import { createLogUpdate } from 'log-update'
import { waterfall } from './waterfall.ts'
import type { Context } from './context.ts'
import type { DialTrace } from '../trace/types.ts'

/** Lines that are left for what stands above and below */
const OTHER_LINES = 4

/** Shows a dial while it runs, where there is a terminal, and its end everywhere */
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

  /** Puts the end of the dial in the place of what is shown. The cursor comes back */
  end (trace: DialTrace | undefined): void {
    this.#update?.clear()
    this.#update?.done()

    if (trace != null) {
      this.#context.print(waterfall(trace, this.#context))
    }
  }
}
