import { withDialSource } from '../../pipeline/runtime/live-target.ts'

interface Connector {
  openConnection (peer: unknown, options?: object): Promise<unknown>
}

/** Makes the dials of a module name the source of their addresses */
export function markDials (module: any, source: string): void {
  // the module either keeps the connection manager, or reads it from its components when it dials
  if (module.connectionManager != null) {
    module.connectionManager = withMarkedDials(module.connectionManager, source)
  }
}

/** Returns a proxy of a connection manager whose dials name the source of their addresses */
export function withMarkedDials<T extends Connector> (connectionManager: T, source: string): T {
  return new Proxy(connectionManager, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)

      if (typeof value !== 'function') {
        return value
      }

      // read at each call: a dialer may have replaced it since
      return name === 'openConnection' ? async (peer: unknown, options: object = {}) => target.openConnection(peer, withDialSource(options, source)) : value.bind(target)
    }
  })
}
