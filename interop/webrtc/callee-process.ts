// Started by converge.test.ts: `node callee-process.ts RELAY ours|stock`. Listens behind a relay and reports its connections
import { adaptive } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { createNode } from '../../test/helpers/node.ts'
import { receiveHashes } from '../../test/helpers/transfer.ts'
import { behind } from './kit.ts'
import type { Connection } from '@libp2p/interface'

export interface Callee {
  addresses: string[]
  /** SHA-256 of ended streams, in hexadecimal */
  hashes: string[]
  connections: string[]
  /** Number of connection:preferred events */
  changes: number
}

export const PROTOCOL = '/test/webrtc/1'

export function describe ({ direct, remoteAddr }: Connection): string {
  return remoteAddr.toString().includes('/webrtc') ? `webrtc${direct ? '' : ', not direct'}` : 'relayed'
}

const [relay = '', dials] = process.argv.slice(2)

if (import.meta.filename === process.argv[1]) {
  const { services, ...options } = behind(relay)
  const node = await createNode<any>({ ...options, services: { ...services, ...dials === 'ours' && { dialer: dialer(adaptive()) } } })
  const hashes = receiveHashes(node, PROTOCOL)
  let changes = 0
  node.services.dialer?.addEventListener('connection:preferred', () => { changes++ })

  // each message is the caller's peer id
  process.on('message', caller => {
    const connections = node.getConnections().filter(({ remotePeer, status }) => remotePeer.toString() === caller && status === 'open').map(describe)
    process.send?.({ addresses: node.getMultiaddrs().map(String), hashes: [...hashes], connections, changes } satisfies Callee)
  })
  process.once('disconnect', () => process.exit())
  process.send?.('ready')
}
