/** The part of a `diagnostics_channel` that the dialer uses */
export interface Channel {
  readonly hasSubscribers: boolean
  publish (message: unknown): void
}

interface Runtime {
  readonly process?: { getBuiltinModule? (name: string): { channel (name: string): Channel } | undefined }
}

/**
 * Returns the channels of `node:diagnostics_channel` for the events of a dialer, by event type. The channel of `dial:end` is
 * `libp2p:dial-pipeline:dial:end`. Empty in browsers, and in Node.js before 22.3
 */
export function channelsOf (types: readonly string[], runtime: Runtime = globalThis): ReadonlyMap<string, Channel> {
  const channels = runtime.process?.getBuiltinModule?.('node:diagnostics_channel')

  return new Map(channels == null ? [] : types.map(type => [type, channels.channel(`libp2p:dial-pipeline:${type}`)]))
}
