import { withDialSource } from '../../pipeline/address-marks.ts'

interface Connector {
  openConnection (peer: unknown, options?: object): Promise<unknown>
}

/** Has the dials of a module say which source their addresses have */
export function markDials (module: any, source: string): void {
  // kept since it was made, or read of its components when it dials
  if (module.connectionManager != null) {
    module.connectionManager = dialsAs(module.connectionManager, source)
  }
}

/** A node's connection manager, whose dials say which source their addresses have */
export function dialsAs<T extends Connector> (connectionManager: T, source: string): T {
  return new Proxy(connectionManager, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)

      if (typeof value !== 'function') {
        return value
      }

      // looked up anew: a dialer may have taken its place since
      return name === 'openConnection' ? async (peer: unknown, options: object = {}) => target.openConnection(peer, withDialSource(options, source)) : value.bind(target)
    }
  })
}
