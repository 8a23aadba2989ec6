import { isStageOption } from '../pipeline/options.ts'
import type { DialPipelineOptions } from '../pipeline/types.ts'
import type { NewStreamOptions } from '@libp2p/interface'

/** Dials of the same peer are one dial if they mean the same */
export function meaningOf (options: DialPipelineOptions, pipeline: number): string {
  const own = Object.entries(options).filter(([name, value]) => value !== undefined && isStageOption(name))

  return `${pipeline}${options.force === true ? ' force' : ''}${options.initiator === false ? ' responder' : ''}${own.length === 0 ? '' : ` ${JSON.stringify(own)}`}`
}

/** What of a transport's options a dial made for another takes over. What the first accepts says nothing about a relay */
export function inherited ({ signal, priority, onProgress, ...rest }: DialPipelineOptions): DialPipelineOptions {
  return { signal, priority, onProgress, ...('trace' in rest ? { trace: rest.trace } : {}) }
}

/**
 * What reaches the transport: all that is neither for the dialer nor for the stream that `dialProtocol` opens. One that
 * opens streams of its own, to a relay, would take that for theirs
 */
export function transportOptions ({ signal, onProgress, pipeline, maxOutboundStreams, runOnLimitedConnection, negotiateFully, ...rest }: DialPipelineOptions & Omit<NewStreamOptions, 'onProgress'>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !isStageOption(name)))
}
