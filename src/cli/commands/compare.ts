import { parseTarget } from '../arguments.ts'
import { EXIT } from '../exit-codes.ts'
import { LiveWaterfall } from '../live-waterfall.ts'
import { presetOf } from '../pipelines.ts'
import { recordDial } from '../record-dial.ts'
import { table } from '../table.ts'
import { summaryOf } from '../summary.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Context } from '../context.ts'

export interface CompareOptions {
  presets: string[]
  json?: boolean
  timeout?: number
}

/** Dials one peer with each preset in turn, from a new node each time. Returns the exit code */
export async function compare (words: readonly string[], { presets, json = false, timeout }: CompareOptions, context: Context): Promise<number> {
  const target = parseTarget(words)
  const pipelines = presets.map(preset => ({ preset, pipeline: presetOf(preset) }))
  const results: Array<{ preset: string, trace?: DialTrace, error?: string }> = []

  for (const { preset, pipeline } of pipelines) {
    const live = json ? undefined : new LiveWaterfall(context)

    if (!json) {
      context.print(context.paint.bold.underline(preset))
    }

    const { trace, error } = await recordDial({ pipeline, target, timeout, signal: context.signal, onChange: trace => { live?.update(trace) } })
    live?.end(trace)
    results.push({ preset, ...trace != null && { trace }, ...error != null && { error: error.message } })

    if (context.signal.aborted) {
      context.printError('interrupted')
      return EXIT.interrupted
    }

    if (error != null) {
      context.printError(`${preset}: ${error.message}`)
    }

    if (!json) {
      context.print('')
    }
  }

  if (json) {
    context.printJson(results)
  } else {
    context.print(table([['preset', 'result', 'time', 'attempts'], ...results.map(({ preset, trace }) => [preset, ...summaryOf(trace)])], [2, 3]))
    context.print(context.paint.gray('The first dial of a process is slower: it compiles the code that dials.'))
  }

  return results.every(({ error }) => error == null) ? EXIT.connected : EXIT.failed
}
