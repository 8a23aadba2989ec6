import type { DialOptions } from '@libp2p/interface'

/** The progress events that one caller was told */
export interface Heard {
  readonly events: CustomEvent[]
  /** Libp2p's own, without that of the muxer: whether noise has picked it already is for noise to say */
  readonly types: string[]
  readonly options: Pick<DialOptions, 'onProgress'>
  /** Of the first event of that type */
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
