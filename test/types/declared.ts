// Exports that a library may make with this package. Their declarations must only need modules that the package exports
import { attach, dialer, followPreferred, systemClock } from 'libp2p-dial-pipeline'
import { addressBook, openRecord, withProvenance } from 'libp2p-dial-pipeline/address-book'
import { adaptive, fromConnectionManagerInit } from 'libp2p-dial-pipeline/presets'
import { attemptTimeout, candidate, converge, fallback, filter, fromCaller, pipeline, pipelineOf, provenance, race, retry, stage, take, timeout, verify, when } from 'libp2p-dial-pipeline/stages'
import { streamMigration } from 'libp2p-dial-pipeline/stream-migration'
import { compliance, scriptedComponents, testDial } from 'libp2p-dial-pipeline/testing'
import type { AddressBook } from 'libp2p-dial-pipeline/address-book'
import type { StreamMigrationService } from 'libp2p-dial-pipeline/stream-migration'
import type { PeerId } from '@libp2p/interface'

export const preset = adaptive()
export const edited = fromConnectionManagerInit({}).after('resolve', provenance()).before('take', filter('mine', () => true)).without('gater')
export const own = pipeline(fromCaller(), pipeline(when(() => true, take(1))), fallback(timeout(1, race()), retry(race())), verify(() => true), converge())
export const listed = pipelineOf([fromCaller(), race()])
export const stages = [fromCaller(), take(), race(), stage('mine', () => ({ candidates }) => candidates)] as const
export const layer = attemptTimeout()
export const one = candidate
export const service = dialer(preset)
export const orElse = dialer(preset, { orElse: 'libp2p' })
export const attached = (node: object) => attach(node, preset)
export const followed = followPreferred
export const clock = systemClock
export const bans = (node: object) => attached(node).bans
export const history = (node: object) => attached(node).history
export const book = addressBook()
export const config = withProvenance({ services: { dialer: service } })
export const opened = openRecord
export const owner = (book: AddressBook) => book.owner('mine')
export const pin = (book: AddressBook, peerId: PeerId) => owner(book).pin(peerId)
export const streams = streamMigration()
export const stream = async (service: StreamMigrationService, peerId: PeerId) => service.open(peerId, '/mine')
export const checks = compliance(take)
export const components = scriptedComponents
export const tried = testDial
