/** A service dials addresses that a remote peer named to it */
const DIAL_SOURCE = Symbol.for('libp2p-dial-pipeline.dial-source')

/** The same options, with the source of the addresses that are dialled. A caller's own word for it is not changed */
export function withDialSource<T extends object> (options: T, source: string): T {
  return { ...options, [DIAL_SOURCE]: source }
}

export function dialSourceIn (options: object): string | undefined {
  const source: unknown = Reflect.get(options, DIAL_SOURCE)

  return typeof source === 'string' ? source : undefined
}
