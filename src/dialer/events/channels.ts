/** The part of a `diagnostics_channel` that is used */
export interface Channel {
  readonly hasSubscribers: boolean
  publish (message: unknown): void
}

interface Runtime {
  readonly process?: { getBuiltinModule? (name: string): { channel (name: string): Channel } | undefined }
}

/**
 * Returns the channels of `node:diagnostics_channel` that the events of a dialer are published on, by event: `libp2p:dial-pipeline:dial:end`.
 * None in a browser, and in a Node.js before 22.3
 */
export function channelsOf (types: readonly string[], runtime: Runtime = globalThis): ReadonlyMap<string, Channel> {
  const channels = runtime.process?.getBuiltinModule?.('node:diagnostics_channel')

  return new Map(channels == null ? [] : types.map(type => [type, channels.channel(`libp2p:dial-pipeline:${type}`)]))
}
