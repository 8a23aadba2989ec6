import { checkArguments, checkOptions } from '../src/pipeline/check-options.ts'
import { ANYTHING, FUNCTION, LIMIT, MILLISECONDS, recordOf, RESOLVER } from '../src/pipeline/option-kinds.ts'
import { attemptTimeout, libp2pOrder, race, resolve, take } from '../src/stages/index.ts'
import { stock } from './stock.ts'
import type { Libp2pOptions } from 'libp2p'

/** The `connectionManager` options of libp2p. libp2p 3.0 and 3.1 have no `addressDialTimeout` */
export type ConnectionManagerInit = NonNullable<Libp2pOptions['connectionManager']> & { addressDialTimeout?: number }

/** `connectionManager` options that configure a single dial. The other options keep their effect on the node */
const OF_A_DIAL = { addressDialTimeout: MILLISECONDS, addressSorter: FUNCTION, maxPeerAddrsToDial: LIMIT, resolvers: recordOf(RESOLVER) }

const OTHERS = [
  'allow', 'connectionCloseTimeout', 'deny', 'dialTimeout', 'inboundConnectionThreshold', 'inboundStreamProtocolNegotiationTimeout',
  'inboundUpgradeTimeout', 'maxConnections', 'maxDialQueueLength', 'maxIncomingPendingConnections', 'maxParallelDials',
  'maxParallelReconnects', 'outboundStreamProtocolNegotiationTimeout', 'reconnectBackoffFactor', 'reconnectRetries',
  'reconnectRetryInterval'
]

const KINDS = { ...OF_A_DIAL, ...Object.fromEntries(OTHERS.map(name => [name, ANYTHING])) }

/**
 * Returns a preset that dials as libp2p's own dialer does with these `connectionManager` options. Use it to migrate, and edit it from there.
 *
 * @param init the `connectionManager` options of the node
 * @throws InvalidPipelineError for an option that libp2p 3 does not have, and for a wrong value of an option that configures a dial
 */
export function fromConnectionManagerInit (init: ConnectionManagerInit) {
  checkArguments('fromConnectionManagerInit()', arguments, 1)
  checkOptions('fromConnectionManagerInit()', init as Record<string, unknown>, KINDS)

  return stock()
    .replace('resolve', resolve({ resolvers: init.resolvers }))
    .replace('libp2p-order', libp2pOrder({ addressSorter: init.addressSorter }))
    .replace('take', take(init.maxPeerAddrsToDial))
    .replace('race', race({ attempt: [attemptTimeout(init.addressDialTimeout)] }))
}
