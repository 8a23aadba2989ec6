/**
 * Presets: complete pipelines to start from. Pass one to `dialer()`, or edit it first.
 *
 * @module libp2p-dial-pipeline/presets
 */

export { adaptive } from './adaptive.ts'
export { aggressive } from './aggressive.ts'
export { certifiedFirst } from './certified-first.ts'
export { certifiedOnly } from './certified-only.ts'
export { directFirst } from './direct-first.ts'
export { fromConnectionManagerInit } from './from-connection-manager-init.ts'
export { frugal } from './frugal.ts'
export { goLike } from './go-like.ts'
export { publicOnly } from './public-only.ts'
export { quicFirst } from './quic-first.ts'
export { staggered } from './staggered.ts'
export { stock } from './stock.ts'
