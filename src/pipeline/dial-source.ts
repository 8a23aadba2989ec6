/**
 * A service dials addresses that a remote peer named to it. Registered, because a node may have two copies of this package: with a
 * symbol of one copy only, the dials of the service would count as the user's
 */
const DIAL_SOURCE = Symbol.for('libp2p-dial-pipeline.dial-source')

/** The same options, with the source of the addresses that are dialled. A caller's own word for it is not changed */
export function withDialSource<T extends object> (options: T, source: string): T {
  return { ...options, [DIAL_SOURCE]: source }
}

/** Returns the source that a service says, unchecked: anybody can use the symbol */
export function dialSourceIn (options: object): unknown {
  return Reflect.get(options, DIAL_SOURCE)
}
