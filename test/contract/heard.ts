import type { DialOptions } from '@libp2p/interface'

/** The progress events that one caller received */
export interface Heard {
  readonly events: CustomEvent[]
  /** The event types of libp2p, without that of the muxer: noise may or may not negotiate the muxer early */
  readonly types: string[]
  readonly options: Pick<DialOptions, 'onProgress'>
  /** Returns the detail of the first event of a type */
  detail (type: string): any
}

export function heard (): Heard {
  const events: CustomEvent[] = []

  return {
    events,
    get types () { return events.map(({ type }) => type).filter(type => type !== 'upgrader:multiplex-outbound-connection' && !type.startsWith('dial-pipeline:')) },
    options: { onProgress: event => { events.push(event as unknown as CustomEvent) } },
    detail: type => events.find(event => event.type === type)?.detail
  }
}
