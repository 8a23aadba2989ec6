// Runs inside a sandboxed frame, without access to the page or a network. The page treats its messages as data
import { InvalidPipelineError } from '../../src/index.ts'
import { checkConnects } from '../../src/dialer/dials/pipelines.ts'
import { simulateDial } from './simulate-dial.ts'
import type { Order } from './run-dial.ts'

/** Imports the code as a module. The default export is the pipeline */
export async function run ({ code, network }: Order): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))

  try {
    const { default: pipeline } = await import(url)

    if (pipeline == null) {
      throw new InvalidPipelineError('The code exports no pipeline: write export default adaptive()')
    }

    checkConnects(pipeline, 'export default adaptive()', 'the default export')

    return { trace: await simulateDial(pipeline, network) }
  } catch (err) {
    return { error: err instanceof Error ? `${err.name}: ${err.message}` : String(err) }
  } finally {
    URL.revokeObjectURL(url)
  }
}
