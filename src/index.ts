/**
 * @packageDocumentation
 *
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
 */

import './dialer/options.ts'

export type { BootstrapAddress, Diversity } from './address/bootstrap-list.ts'
export type { Ban, Bans } from './bans/bans.ts'
export type { BanTarget } from './bans/target.ts'
export { migrate } from './convergence/migrate.ts'
export type { MigrateInit, Migration, OpenStream, PreferredConnection, PreferredConnections, Switched } from './convergence/migration.ts'
export type { BootstrapInit } from './dialer/bootstrap.ts'
export { attach, dialer } from './dialer/index.ts'
export { Dialer } from './dialer/dialer.ts'
export type { DialerComponents, DialerEvents, DialerInit } from './dialer/dialer-init.ts'
export type { BanOptions, DialerBansInit } from './dialer/ban-options.ts'
export type { SlotsInit } from './dialer/attempts/slots-init.ts'
export type { Belief } from './history/belief.ts'
export { History } from './history/history.ts'
export type { HistoryInit } from './history/history.ts'
export { systemClock } from './pipeline/clock.ts'
export type { Clock } from './pipeline/clock.ts'
export type { BetterConnection, ConnectionFacts, ConnectionPreference } from './pipeline/convergence.ts'
export { CircularDialError, DialDeniedError, IncompatibleConnectionManagerError, InvalidPipelineError, InvalidStageOutputError, NoValidAddressesError, UnsupportedDialOptionError, VerificationError } from './pipeline/errors.ts'
export type { Attestation, Candidate, DialPipeline, DialPipelineOptions, DialProgressEvents, ProvenancePolicy, StageOptions } from './pipeline/types.ts'
export type { KnownSource, Source, SourceList } from './pipeline/sources.ts'
export type { AddressStory, AttemptStory } from './pipeline/runtime/story.ts'
export { renderTrace } from './trace/text.ts'
export type { DialTrace } from './trace/types.ts'
