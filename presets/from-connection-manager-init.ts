import { InvalidParametersError } from '@libp2p/interface'
import { attemptTimeout } from '../src/stages/attempt-timeout.ts'
import { libp2pOrder } from '../src/stages/libp2p-order.ts'
import { race } from '../src/stages/race.ts'
import { resolve } from '../src/stages/resolve.ts'
import { take } from '../src/stages/take.ts'
import { stock } from './stock.ts'
import type { Libp2pOptions } from 'libp2p'

/** `addressDialTimeout` is not among those of libp2p 3.0 and 3.1 */
export type ConnectionManagerInit = NonNullable<Libp2pOptions['connectionManager']> & { addressDialTimeout?: number }

/** Those that say how one dial goes about it. All others go on to mean what they do, in the node's own settings */
const OF_A_DIAL = ['addressDialTimeout', 'addressSorter', 'maxPeerAddrsToDial', 'resolvers'] as const

const OTHERS = [
  'allow', 'connectionCloseTimeout', 'deny', 'dialTimeout', 'inboundConnectionThreshold', 'inboundStreamProtocolNegotiationTimeout',
  'inboundUpgradeTimeout', 'maxConnections', 'maxDialQueueLength', 'maxIncomingPendingConnections', 'maxParallelDials',
  'maxParallelReconnects', 'outboundStreamProtocolNegotiationTimeout', 'reconnectBackoffFactor', 'reconnectRetries',
  'reconnectRetryInterval'
]

/**
 * The pipeline that means what `connectionManager` options meant to libp2p's own dialer, as a start to edit from
 *
 * @throws InvalidParametersError for an option that libp2p 3 does not have
 */
export function fromConnectionManagerInit (init: ConnectionManagerInit) {
  const unknown = Object.keys(init).filter(name => ![...OF_A_DIAL, ...OTHERS].includes(name))

  if (unknown.length > 0) {
    throw new InvalidParametersError(`libp2p 3 has no connectionManager option ${unknown.join(', ')}. It has ${[...OF_A_DIAL, ...OTHERS].toSorted().join(', ')}`)
  }

  return stock()
    .replace('resolve', resolve({ resolvers: init.resolvers }))
    .replace('libp2p-order', libp2pOrder({ addressSorter: init.addressSorter }))
    .replace('take', take(init.maxPeerAddrsToDial))
    .replace('race', race({ attempt: [attemptTimeout(init.addressDialTimeout)] }))
}
