import { isStageOption } from '../pipeline/options.ts'
import type { DialPipelineOptions } from '../pipeline/types.ts'

/** Dials of the same peer are one dial if they mean the same */
export function meaningOf (options: DialPipelineOptions, pipeline: number): string {
  const own = Object.entries(options).filter(([name, value]) => value !== undefined && isStageOption(name))

  return `${pipeline}${options.force === true ? ' force' : ''}${options.initiator === false ? ' responder' : ''}${own.length === 0 ? '' : ` ${JSON.stringify(own)}`}`
}

/** What of a transport's options a dial made for another takes over. What the first accepts says nothing about a relay */
export function inherited ({ signal, priority, onProgress, ...rest }: DialPipelineOptions): DialPipelineOptions {
  return { signal, priority, onProgress, ...('trace' in rest ? { trace: rest.trace } : {}) }
}

/** What reaches the transport: all that is not for the dialer */
export function transportOptions ({ signal, onProgress, pipeline, ...rest }: DialPipelineOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !isStageOption(name)))
}
