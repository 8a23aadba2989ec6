import type { Libp2p } from '@libp2p/interface'

/** Option names that sockets, WebSockets, QUIC clients and the upgrader read, with values that a caller may pass to a dial */
export const HOSTILE: Readonly<Record<string, unknown>> = {
  path: '/dev/null/no-socket',
  port: 1,
  host: '127.0.0.9',
  localPort: 1,
  localAddress: '127.0.0.9',
  family: 6,
  lookup: () => { throw new Error('lookup was called') },
  timeout: 1,
  onread: {},
  fd: 0,
  allowHalfOpen: true,
  noDelay: false,
  keepAlive: false,
  blockList: {},
  agent: {},
  headers: { host: 'elsewhere' },
  protocols: ['x'],
  dispatcher: {},
  websocket: {},
  filter: () => [],
  upgrader: null,
  skipEncryption: true,
  skipProtection: true,
  muxerFactory: {},
  remotePeer: 'somebody else',
  initiator: true,
  direction: 'inbound',
  limits: { bytes: 1n }
}

/** Returns the hostile option names that arrived with their values */
export function foreign (bags: ReadonlyArray<Record<string, unknown>>): string[] {
  return bags.flatMap(bag => Object.entries(HOSTILE).flatMap(([name, value]) => name !== 'initiator' && bag[name] === value ? [name] : []))
}

/** From now on, records the options of each outbound upgrade of a node */
export function upgradesOf (node: Libp2p): Array<Record<string, unknown>> {
  const { upgrader } = (node as any).components
  const next = upgrader.upgradeOutbound.bind(upgrader)
  const upgrades: Array<Record<string, unknown>> = []

  upgrader.upgradeOutbound = async (maConn: unknown, options: Record<string, unknown>) => {
    upgrades.push({ ...options })
    return next(maConn, options)
  }

  return upgrades
}
