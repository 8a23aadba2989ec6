import { readTrace } from '../read-trace.ts'
import { EXIT, UsageError } from '../exit-codes.ts'
import { pipelineIn, presetOf } from '../pipelines.ts'
import { replayDial } from '../replay/replay-dial.ts'
import { summaryOf } from '../summary.ts'
import { table } from '../table.ts'
import { waterfall } from '../waterfall.ts'
import { lastTime, ms, shortAddress } from '../../trace/outcome.ts'
import type { Replay } from '../replay/replay-dial.ts'
import type { DialPipeline } from '../../pipeline/types.ts'
import type { Context } from '../context.ts'

export interface ReplayOptions {
  preset?: string[]
  pipeline?: string
  json?: boolean
}

/** Replays a recorded dial through other pipelines and shows them below each other. Returns the exit code */
export async function replay (file: string, options: ReplayOptions, context: Context): Promise<number> {
  const recorded = await readTrace(file)
  const replays: Array<Replay & { name: string }> = []

  for (const [name, pipeline] of await chosen(options)) {
    context.signal.throwIfAborted()
    replays.push({ name, ...await replayDial(recorded, pipeline) })
  }

  if (options.json === true) {
    context.printJson(replays)
  } else {
    print(recorded, replays, context)
  }

  for (const { name, unknown } of replays) {
    if (unknown != null) {
      context.printError(`${name}: the comparison ends at ${shortAddress(unknown.address, recorded)}: ${unknown.after === 0 ? 'the trace has no outcome of it' : `the trace has no outcome of it after ${ms(unknown.after)}`}`)
    }
  }

  return replays.every(({ trace }) => trace.outcome === 'connected') ? EXIT.connected : EXIT.failed
}

async function chosen ({ preset, pipeline }: ReplayOptions): Promise<Array<[string, DialPipeline]>> {
  if (preset != null && pipeline != null) {
    throw new UsageError('--preset and --pipeline exclude each other')
  }

  return pipeline == null ? (preset ?? ['adaptive']).map(name => [name, presetOf(name)]) : [[pipeline, await pipelineIn(pipeline)]]
}

/** Prints the recorded dial and its replays with the same time axis */
function print (recorded: Replay['trace'], replays: ReadonlyArray<Replay & { name: string }>, context: Context): void {
  const all = [{ name: 'recorded', trace: recorded, unknown: undefined }, ...replays]
  const until = Math.max(1, ...all.map(({ trace }) => lastTime(trace)))

  for (const { name, trace } of all) {
    context.print(`${context.paint.bold.underline(name)}\n${waterfall(trace, context, { until })}\n`)
  }

  context.print(table([['', 'result', 'time', 'attempts'], ...all.map(({ name, trace, unknown }) => {
    const [result, time, attempts] = summaryOf(trace)

    return [name, unknown == null ? result : 'unknown', unknown == null ? time : `from ${time} on`, attempts]
  })], [2, 3]))
}
