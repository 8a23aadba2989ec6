import { writeFile } from 'node:fs/promises'
import { renderWaterfall } from '../../trace/svg.ts'
import { parseTarget } from '../arguments.ts'
import { EXIT, UsageError } from '../exit-codes.ts'
import { explain as explainIn } from '../explain.ts'
import { LiveWaterfall } from '../live-waterfall.ts'
import { choosePipeline } from '../pipelines.ts'
import { recordDial } from '../record-dial.ts'
import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { Context } from '../context.ts'

export interface DialOptions {
  preset?: string
  pipeline?: string
  provenance?: DialPipelineOptions['provenance']
  explain?: boolean
  json?: boolean
  svg?: string
  timeout?: number
}

/** Shown for a peer id without addresses, which only works with a pipeline that finds some */
const NO_ADDRESS = 'Name an address of the peer beside its id: this node knows none, and has no routing to ask'

/** Dials one peer, shows the dial, and returns the exit code */
export async function dial (words: readonly string[], options: DialOptions, context: Context): Promise<number> {
  const { provenance, timeout, json = false } = options
  const target = parseTarget(words)
  const pipeline = await choosePipeline(options)
  const live = json ? undefined : new LiveWaterfall(context)
  const { trace, error } = await recordDial({
    pipeline,
    target,
    timeout,
    signal: context.signal,
    options: provenance == null ? {} : { provenance },
    onChange: trace => { live?.update(trace) }
  })
  live?.end(trace)

  if (trace != null) {
    await print(trace, options, context)
  }

  if (error == null) {
    return EXIT.connected
  }

  context.printError(trace?.candidates.length === 0 && target.multiaddrs.length === 0 ? `${error.message}\n${NO_ADDRESS}` : error.message)

  return context.signal.aborted ? EXIT.interrupted : EXIT.failed
}

/** Prints or writes the outputs that the options ask for besides the waterfall */
async function print (trace: DialTrace, { json = false, explain = false, svg }: DialOptions, context: Context): Promise<void> {
  if (json) {
    context.printJson(trace)
  } else if (explain) {
    context.print(`\n${explainIn(trace, context)}`)
  }

  if (svg != null) {
    await writeSvg(svg, trace)
  }
}

async function writeSvg (file: string, trace: DialTrace): Promise<void> {
  try {
    await writeFile(file, renderWaterfall(trace))
  } catch (err) {
    throw new UsageError(`cannot write ${file}: ${(err as Error).message}`, { cause: err })
  }
}
