import { isStageOption } from '../pipeline/options.ts'
import type { OuterAttempt } from './nested.ts'
import type { DialPipelineOptions } from '../pipeline/types.ts'

/** Dials of the same peer are one dial if they mean the same */
export function meaningOf (options: DialPipelineOptions, pipeline: number, isOfRelay: boolean): string {
  const own = Object.entries(options).filter(([name, value]) => value !== undefined && isStageOption(name))

  return `${pipeline}${options.force === true ? ' force' : ''}${options.initiator === false ? ' responder' : ''}${options.runOnLimitedConnection === true ? ' limited' : ''}${isOfRelay ? ' relay' : ''}${own.length === 0 ? '' : ` ${JSON.stringify(own)}`}`
}

/** What of a transport's options a dial made for another takes over. What the first accepts says nothing about a relay */
export function inherited ({ signal, onProgress, trace }: DialPipelineOptions & Traced, { priority }: OuterAttempt): DialPipelineOptions {
  return { signal, priority, onProgress, ...trace == null ? {} : { trace } }
}

/** Of a dial that is traced: passed on as it is */
interface Traced {
  trace?: unknown
}

export interface TransportOptions {
  readonly initiator?: boolean
  readonly trace?: unknown
}

/** What of a caller's options reaches the transport. That passes all it is given to the socket: a `path` would be dialled instead of the address */
export function transportOptions ({ initiator, trace }: DialPipelineOptions & Traced): TransportOptions {
  return {
    ...initiator == null ? {} : { initiator },
    ...trace == null ? {} : { trace }
  }
}
