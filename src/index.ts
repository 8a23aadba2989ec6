/**
 * A modular dialer for js-libp2p: address sources, filters, rankers, pacing, racing and convergence are stages that you
 * put together in the order you want. The pipeline replaces the default dialer of a node.
 *
 * @example
 *
 * ```ts
 * import { createLibp2p } from 'libp2p'
 * import { dialer } from 'libp2p-dial-pipeline'
 * import { staggered } from 'libp2p-dial-pipeline/presets'
 *
 * const node = await createLibp2p({
 *   services: { dialer: dialer(staggered()) }
 * })
 * ```
 *
 * @module libp2p-dial-pipeline
 */

import './dialer/options.ts'

export type { BanOptions, DialerComponents, DialerInit } from './dialer/dialer-init.ts'
export type { Bans } from './bans/bans.ts'
export type { BanTarget } from './bans/target.ts'
export { followPreferred } from './convergence/follow-preferred.ts'
export type { StreamFollower } from './convergence/stream-follower.ts'
export type { ConnectionTransport, ConvergenceInit } from './pipeline/convergence-init.ts'
export type { Dialer } from './dialer/dialer.ts'
export type { DialerEvents } from './dialer/events/types.ts'
export type { DialPipelineProgressEvents, DialProgressEvent } from './dialer/dials/dial-progress.ts'
export { attach, dialer } from './dialer/index.ts'
export type { ConnectionChange } from './pipeline/convergence.ts'
export { systemClock } from './pipeline/clock.ts'
export type { Clock } from './pipeline/clock.ts'
export { CircularDialError, DialDeniedError, IncompatibleConnectionManagerError, InvalidPipelineError, InvalidStageOutputError, NoValidAddressesError, UnsupportedDialOptionError, VerificationError } from './pipeline/errors.ts'
export type { DialPipeline, StageOptions } from './pipeline/types.ts'
export type { ExplainSubject } from './dialer/dials/explain-dial.ts'
export type { DialPlan } from './trace/plan.ts'
export type { DialTrace } from './trace/types.ts'
