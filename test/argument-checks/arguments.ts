import * as presets from '../../presets/index.ts'
import * as books from '../../src/address-book/index.ts'
import { Bans } from '../../src/bans/bans.ts'
import * as root from '../../src/index.ts'
import * as stages from '../../src/stages/index.ts'
import * as streams from '../../src/stream-migration/index.ts'
import * as testing from '../../src/testing/index.ts'
import { node } from '../address-book/kit.ts'
import { refusing } from './refusal.ts'
import { address, book, callback, clock, exportedHistory, finiteMs, fn, limit, ms, name, number, option, owner, peer, pipelines, race, revoked, simulated, whole } from './values.ts'
import type { Option } from './values.ts'

/** Arguments without a name: a function that passes the argument, and its values */
export const ARGUMENTS: Record<string, [make: (argument: any) => unknown, argument: Option, error?: string]> = {
  'source, name': [one => stages.source(one, fn), name],
  'source, find': [one => stages.source('door', one), callback],
  'filter, name': [one => stages.filter(one, fn), name],
  'filter, judge': [one => stages.filter('door', one), callback],
  'expand, name': [one => stages.expand(one, fn), name],
  'expand, fn': [one => stages.expand('door', one), callback],
  'rank, name': [one => stages.rank(one, fn), name],
  'rank, compare': [one => stages.rank('door', one, fn), callback],
  'rank, comparators': [all => stages.rank('door', ...all), { right: [[fn], [fn, fn], [fn, {}]], wrong: [[], [{}], [{ options: ['tier'] }]] }],
  'rank, the last': [one => stages.rank('door', fn, one), option([fn, {}, { options: ['tier'] }], ['fn', true, { options: 'tier' }, { option: ['tier'] }, Promise.resolve(fn)])],
  'rankBy, name': [one => stages.rankBy(one, fn), name],
  'rankBy, score': [one => stages.rankBy('door', one), callback],
  'pace, name': [one => stages.pace(one, fn), name],
  'pace, rule': [one => stages.pace('door', one), callback],
  'hold, name': [one => stages.hold(one, fn), name],
  'hold, rule': [one => stages.hold('door', one), callback],
  'pipelineOf, name': [one => stages.pipelineOf([race], { name: one }), option(['dials', undefined], ['', 'a/b', 1])],
  'stage, name': [one => stages.stage(one, fn), option(['door'], ['', 1, ['door'], fn, {}])],
  'stage, begin': [one => stages.stage('door', one), callback],
  gather: [stages.gather, ms],
  'prefer, predicate': [one => stages.prefer(one), callback],
  'onlyIfNone, preferred': [one => stages.onlyIfNone(one), callback],
  'when, predicate': [one => stages.when(one, stages.dialable()), callback],
  'when, stage': [one => stages.when(fn, one), option([stages.dialable()], [race, fn, {}])],
  'retry, pipeline': [one => stages.retry(one), option([race], [stages.dialable(), fn, {}])],
  'timeout, ms': [one => stages.timeout(one, race), ms],
  'timeout, pipeline': [one => stages.timeout(1, one), option([race], [stages.dialable(), fn, {}])],
  fallback: [one => stages.fallback(race, one), option([race], [stages.dialable(), fn, {}])],
  'attemptRetry, retries': [one => stages.attemptRetry(one), limit],
  attemptTimeout: [stages.attemptTimeout, option([...ms.right, undefined], ms.wrong)],
  byProvenance: [one => stages.byProvenance(one), name],
  'byReputation, score': [one => stages.byReputation(one), callback],
  provenance: [stages.provenance, option([[], ['certified'], { include: ['user'] }, { exclude: [] }], [undefined, 'certified', {}, Object.create(null), { include: 'certified' }, { includes: ['certified'] }, new Set(['certified']), [1]])],
  requireProtocol: [one => stages.requireProtocol(one), name],
  relaysLater: [stages.relaysLater, option([undefined, ...ms.right], ms.wrong)],
  stagger: [stages.stagger, finiteMs],
  take: [stages.take, option([...limit.right, undefined], limit.wrong)],
  transports: [one => stages.transports(one), option(['tcp'], ['', 'udp', ['tcp']])],
  'verify, checkConnection': [one => stages.verify(one), callback],
  'fromBootstrap, list': [one => stages.fromBootstrap(one), option([[whole]], [[], whole, whole.toString(), new Set([whole])])],
  'advice, pipeline': [one => stages.advice(one), option([presets.stock()], [stages.race, stages.take(1), 'text', undefined])],
  'simulatedNode, pipeline': [one => testing.simulatedNode(one), option([presets.stock()], [race, fn, {}])],
  'simulate, pipeline': [one => testing.simulate(one, { network: simulated, peers: 0 }), option([presets.stock()], [race, fn, {}])],
  'compliance, makeInit': [one => testing.compliance(one), option([() => stages.take(1)], [stages, 'fn']), 'InvalidPipelineError'],
  // `any`: a fake with only the members that the test needs
  'followPreferred, open': [async one => root.followPreferred({ addEventListener: fn, removeEventListener: fn, preferred: fn }, { newStream: fn } as any, one), option([], ['fn', {}]), refusing],
  // `any`: a fake with only the members that the test needs
  'streams.handle, protocol': [one => streams.streamMigration()({ peerId: peer } as any).handle(one, fn), name, refusing],
  // `any`: a fake with only the members that the test needs
  'streams.handle, handler': [one => streams.streamMigration()({ peerId: peer } as any).handle('/door', one), callback, refusing],
  'dialer, pipeline': [one => root.dialer(one), pipelines],
  'attach, node': [one => root.attach(one, presets.stock()), option([], [undefined, {}, 'node', { components: undefined }, fn, revoked()]), refusing],
  pipelineOf: [stages.pipelineOf, option([[race]], [undefined, 'race', race, {}, new Set([race]), [], [null], [stages.race], [revoked(fn)], revoked([])])],
  withProvenance: [one => books.withProvenance(one), option([{}, { services: {} }], [undefined, 'init', [], Promise.resolve({}), revoked()]), refusing],
  'book.observe, peer': [one => book.observe(one, address, { source: 'dht' }), option([peer], [undefined, peer.toString(), {}, revoked()]), refusing],
  'book.observe, multiaddrs': [one => book.observe(peer, one, { source: 'dht' }), option([address, [], [address]], [undefined, address.toString(), [address.toString()], [address, undefined], new Set([address]), revoked([])]), refusing],
  'book.invalidate, peer': [one => { book.invalidate(one, address) }, option([peer], [undefined, peer.toString(), revoked()]), refusing],
  'book.invalidate, multiaddr': [one => { book.invalidate(peer, one) }, option([address], [undefined, address.toString(), [address], revoked()]), refusing],
  'owner.pin, peer': [one => { owner.pin(one).release() }, option([peer], [undefined, peer.toString(), {}, revoked()]), refusing],
  'bans.add, target': [one => new Bans(clock).add(one, 1), option([peer, whole], [undefined, 'peer', {}, revoked()]), refusing],
  'bans.remove, target': [one => new Bans(clock).remove(one), option([peer, whole], [undefined, 'peer', {}, revoked()]), refusing],
  'history.merge, text': [async one => new testing.History(clock).merge(one), option([exportedHistory], [undefined, '', '{}', {}, 1, revoked()]), refusing],
  withSource: [one => books.withSource('door', one), callback, refusing],
  'withSource, source': [one => books.withSource(one, fn), name, refusing],
  'book.owner, name': [one => node().book.owner(one), name, refusing],
  'book.removeReports, source': [one => book.removeReports(one), name, refusing],
  'book.subscribe, listener': [one => book.subscribe(undefined, one), callback, refusing],
  'pin.renew': [one => owner.pin(peer, { addresses: [address] }).renew(one), number([1, 1e9], [-1, 0]), refusing]
}
