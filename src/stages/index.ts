/**
 * The stages of a pipeline, and the functions that write, combine and edit stages.
 *
 * @module libp2p-dial-pipeline/stages
 */

export * from '../pipeline/index.ts'

// sources
export { fromAddressBook } from './from-address-book.ts'
export { fromBootstrap } from './from-bootstrap.ts'
export { fromCaller } from './from-caller.ts'
export { fromKnown } from './from-known.ts'
export { fromPeerStore } from './from-peer-store.ts'
export { fromRouting } from './from-routing.ts'

// filters
export { backoff } from './backoff.ts'
export { bans } from './bans.ts'
export { blackHole } from './black-hole.ts'
export { certified } from './certified.ts'
export { dialable } from './dialable.ts'
export { gater } from './gater.ts'
export { giveUp } from './give-up.ts'
export { provenance } from './provenance.ts'
export { publicAddresses } from './public-addresses.ts'
export { quota } from './quota.ts'
export { scope } from './scope.ts'
export { take } from './take.ts'
export { transports } from './transports.ts'
export { unshadowed } from './unshadowed.ts'

// expansions
export { lookup } from './lookup.ts'
export { resolve } from './resolve.ts'

// rankers
export { byCertified } from './by-certified.ts'
export { byDirect } from './by-direct.ts'
export { byHistory } from './by-history.ts'
export { byProvenance } from './by-provenance.ts'
export { byQuic } from './by-quic.ts'
export { byReputation } from './by-reputation.ts'
export { goOrder } from './go-order.ts'
export { libp2pOrder } from './libp2p-order.ts'

// paces and holds
export { goDelays } from './go-delays.ts'
export { oddsPace } from './odds-pace.ts'
export { relaysLater } from './relays-later.ts'
export { sequential } from './sequential.ts'
export { stagger } from './stagger.ts'

// a ranker and a hold
export { byLocalHearsay, localHearsayLater } from './local-hearsay.ts'

// connections
export { attemptRetry, attemptTimeout } from './attempt-layers.ts'
export { converge } from './converge.ts'
export { race } from './race.ts'
export { requireProtocol } from './require-protocol.ts'
export { verify } from './verify.ts'
