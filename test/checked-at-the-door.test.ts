// valid and invalid values of each option of public factories and methods. The last test fails when an export is missing here
import { inspect } from 'node:util'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import * as presets from '../presets/index.ts'
import * as books from '../src/address-book/index.ts'
import { Bans } from '../src/bans/bans.ts'
import { Dialer } from '../src/dialer/dialer.ts'
import * as root from '../src/index.ts'
import * as stages from '../src/stages/index.ts'
import * as streams from '../src/stream-migration/index.ts'
import * as testing from '../src/testing/index.ts'
import * as traces from '../src/trace/index.ts'
import { node } from './address-book/kit.ts'
import { traced } from './trace/sample.ts'
import { address as placeOf, engineWorld } from './helpers/scripted.ts'

const key = await generateKeyPair('Ed25519')
const peer = peerIdFromPrivateKey(key)
const address = multiaddr('/ip4/192.0.2.1/tcp/4001')
const whole = address.encapsulate(`/p2p/${peer.toString()}`)
const fn = (): any => undefined
const race = stages.race()
const clock = new testing.VirtualClock()
const simulated = testing.simulatedNetwork({ addresses: [{ transport: 'tcp' }] })
const { signal } = new AbortController()

/** Values that an option accepts, and values that it refuses. `null` is always refused */
interface Option {
  right: readonly unknown[]
  wrong: readonly unknown[]
}

/** A value that throws when it is read */
function revoked (target: object = {}): any {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()

  return proxy
}

const option = (right: readonly unknown[], wrong: readonly unknown[]): Option => ({ right, wrong: [null, ...wrong] })

/** A number, with the numbers that the option refuses */
const number = (right: readonly number[], odd: readonly number[] = []): Option => option(right, [NaN, '1000', 1n, true, {}, [1], fn, ...odd])
const oneOf = (...values: readonly string[]): Option => option(values, ['', values[0]?.slice(1), values.slice(0, 1), 1, true])

const ms = number([0, 250, Infinity], [-1])
const finiteMs = number([0, 250], [-1, Infinity])
const positiveMs = number([1, Infinity], [-1, 0])
const count = number([0, 3], [-1, 1.5, Infinity])
const limit = number([0, 3, Infinity], [-1, 1.5])
const positiveLimit = number([1, Infinity], [-1, 0, 1.5])
const probability = number([0, 0.5, 1], [-0.1, 1.1])
const positive = number([0.1, 80], [-1, 0, Infinity])
const flag = option([true, false], ['true', 1, {}, fn])
const callback = option([fn], ['fn', {}, true, Promise.resolve(fn)])
const name = option(['dht'], ['', 1, ['dht'], fn])
const names = option([[], ['dht']], ['dht', new Set(['dht']), { 0: 'dht' }, [undefined], [''], [1], revoked([])])
// a promise reads `then`, and JSON.stringify() reads `toJSON`
const optionNames = option([[], ['tier', 'toString']], [...names.wrong, ['then'], ['tier', 'toJSON'], ['signal']])
const addresses = option([[address]], [address, [address.toString()], new Set([address])])
const bigint = option([1n], ['1', 1])
const nested = option([{}], [0, true, 'text', fn])
const numbers = (right: number, wrong: unknown): Option => option([{}, { dht: right }], [{ dht: wrong }, [right], new Map([['dht', right]]), right])
const resolvers = option([{}, { dnsaddr: { canResolve: fn, resolve: fn } }], [{ dnsaddr: fn }, { dnsaddr: {} }, fn])
const when = oneOf('always', 'empty', 'exhausted')
const clocks = option([clock], [{}, { now: () => 0 }, () => 0])
const signals = option([signal], [{}, new AbortController(), fn])
const peers = option([peer], [{}, peer.toString()])
const pipelines = option([presets.stock(), stages.pipeline(stages.fromCaller(), race)], [undefined, presets.adaptive, fn, {}, stages.dialable(), stages.pipeline(stages.fromCaller()), revoked(fn)])
const components = testing.scriptedComponents({ clock, network: new testing.ScriptedNetwork(clock), peerId: peer })

async function refusalOf (make: () => unknown): Promise<Error | undefined> {
  try {
    await make()
  } catch (err) {
    return err as Error
  }
}

/** Ignores an error with this text, which is thrown after the checks */
function passing (text: RegExp, make: (options: any) => unknown): (options: any) => Promise<void> {
  return async options => {
    const error = await refusalOf(() => make(options))

    if (error != null && !text.test(error.message)) {
      throw error
    }
  }
}

/** A factory or method with options */
interface Door {
  make: (options: any) => unknown
  options: Record<string, Option>
  /** Name of its errors. Default: that of a stage's */
  error?: 'InvalidParametersError'
  /** Required options */
  required?: Record<string, unknown>
  /** Options that refuse undefined */
  defined?: readonly string[]
}

const refusing = 'InvalidParametersError' as const
const { book } = node({ pins: { owners: { door: { maxTtl: 1e12 } } } })
const owner = book.owner('door')
const exported = await new testing.History(clock).export()
const converging = presets.goLike()
const dial = { slots: nested, traces: limit, history: nested, bans: nested, verifyInbound: callback, convergence: option([{}, false], [true, 'no', null]), clock: clocks }

const DOORS: Record<string, Door> = {
  source: { make: options => stages.source('door', fn, options), options: { when, provenance: name, limit: count, live: flag, options: optionNames } },
  filter: { make: options => stages.filter('door', fn, options), options: { options: optionNames, forRelays: flag } },
  expand: { make: options => stages.expand('door', fn, options), options: { options: optionNames, forRelays: flag } },
  rankBy: { make: options => stages.rankBy('door', fn, options), options: { options: optionNames } },
  hold: { make: options => stages.hold('door', fn, options), options: { options: optionNames } },
  pace: { make: options => stages.pace('door', fn, options), options: { options: optionNames } },
  when: { make: options => stages.when(() => true, stages.take(1), options), options: { options: optionNames } },
  retry: { make: options => stages.retry(race, options), options: { retries: limit, delay: finiteMs } },
  prefer: { make: options => stages.prefer(fn, options), options: { after: ms, options: optionNames } },
  onlyIfNone: { make: options => stages.onlyIfNone(fn, options), options: { after: ms, options: optionNames, forRelays: flag } },
  stage: { make: options => stages.stage('door', fn, options), options: { perNode: callback, options: optionNames, forRelays: flag } },
  'stage, below a race': {
    make: stages.stage as (options: any) => unknown,
    options: { name, accepts: option([['connections']], ['connections', ['lists'], []]), yields: oneOf('connections'), options: optionNames, run: callback },
    required: { name: 'door', accepts: ['connections'], yields: 'connections', run: fn }
  },
  candidate: { make: options => stages.candidate(address, peer, options), options: { isCertified: flag, provenance: option([[], [{ source: 'user' }]], [{ source: 'user' }, ['user'], [{}], [null]]) } },
  attemptRetry: { make: options => stages.attemptRetry(1, options), options: { delay: finiteMs } },
  backoff: { make: stages.backoff, options: { base: finiteMs, factor: finiteMs, max: finiteMs } },
  byHistory: { make: stages.byHistory, options: { costPerDial: finiteMs, explore: probability, random: callback } },
  byReputation: { make: options => stages.byReputation(fn, options), options: { minScore: number([-Infinity, -1, 0.5]), options: optionNames, forRelays: flag } },
  converge: { make: stages.converge, options: { linger: ms } },
  fromAddressBook: { make: stages.fromAddressBook, options: { when, limit: count } },
  fromBootstrap: { make: options => stages.fromBootstrap([whole], options), options: { spreadBy: oneOf('operator', 'prefix'), when } },
  fromKnown: { make: stages.fromKnown, options: { when, limit: count } },
  fromPeerStore: { make: stages.fromPeerStore, options: { when, limit: count } },
  fromRouting: { make: stages.fromRouting, options: { when: oneOf('always', 'empty', 'exhausted', 'stale') } },
  giveUp: { make: stages.giveUp, options: { attempts: positiveLimit, minOnlineProbability: number([0, 0.99], [-0.1, 1]) } },
  libp2pOrder: { make: stages.libp2pOrder, options: { addressSorter: callback } },
  oddsPace: { make: stages.oddsPace, options: { costPerDial: finiteMs } },
  provenance: { make: stages.provenance, options: { include: names, exclude: names }, defined: ['include', 'exclude'] },
  quota: { make: stages.quota, options: { source: numbers(1, -1), reporter: limit, excess: oneOf('drop', 'last') } },
  race: { make: stages.race, options: { attempt: option([[], [stages.attemptTimeout()]], [stages.attemptTimeout(), ['text']]) } },
  resolve: { make: stages.resolve, options: { resolvers } },
  scope: { make: stages.scope, options: { untrustedSources: names } },
  verify: { make: options => stages.verify(fn, options), options: { timeout: ms } },
  adaptive: { make: presets.adaptive, options: { costPerDial: finiteMs } },
  fromConnectionManagerInit: {
    make: presets.fromConnectionManagerInit,
    options: { addressDialTimeout: ms, addressSorter: callback, maxPeerAddrsToDial: limit, resolvers }
  },
  compliance: {
    make: options => testing.compliance(() => stages.take(1), options),
    options: { from: option([['candidates']], ['candidates', ['lists'], []]), components: callback, candidates: callback, options: nested, timeLimit: positiveMs, restoresDropped: flag, connection: nested }
  },
  testDial: {
    make: testing.testDial,
    options: { components: option([components], [fn]), peerId: peers, multiaddrs: addresses, options: nested },
    required: { components }
  },
  dialer: { make: options => root.dialer(converging, options), options: { ...dial, orElse: oneOf('libp2p') }, error: refusing },
  'dialer({ slots })': {
    make: slots => root.dialer(presets.stock(), { slots }),
    options: { node: positiveLimit, peer: positiveLimit, prefix: positiveLimit, transport: numbers(2, 0) },
    error: refusing
  },
  'dialer({ history })': { make: history => root.dialer(presets.stock(), { history }), options: { persist: flag, belief: nested }, error: refusing },
  'dialer({ history: { belief } })': {
    make: belief => root.dialer(presets.stock(), { history: { belief } }),
    options: { success: probability, online: probability, roundTrip: positive, spread: positive },
    error: refusing
  },
  'dialer({ convergence })': {
    make: convergence => root.dialer(converging, { convergence }),
    options: { order: option([[], ['quic-v1', 'tcp']], ['tcp', ['quic'], [undefined]]), idle: ms, deadline: ms, background: names, onPreferredChange: callback },
    error: refusing
  },
  'dialer({ bans })': { make: bans => root.dialer(presets.stock(), { bans }), options: { persist: flag, required: flag }, error: refusing },
  simulatedNetwork: {
    make: testing.simulatedNetwork,
    options: {
      addresses: option([[{ transport: 'quic' }]], [[], { transport: 'quic' }, ['quic'], [null]]),
      seed: option([0, 20_261_128], ['1', {}]),
      online: probability,
      roundTrip: positive,
      spread: positive,
      oneHost: flag,
      jitter: number([0, 0.5], [-0.1, Infinity]),
      loss: probability,
      upgrades: probability
    },
    required: { addresses: [{ transport: 'tcp' }] }
  },
  'simulatedNetwork, addresses': {
    make: kind => testing.simulatedNetwork({ addresses: [kind] }),
    options: {
      transport: oneOf('tcp', 'ws', 'wss', 'quic', 'webtransport', 'webrtc-direct', 'relay'),
      version: option([4, 6], [5, '4']),
      count,
      good: probability,
      refuses: probability,
      stalls: probability,
      roundTrip: positive
    },
    required: { transport: 'tcp' }
  },
  renderPlan: { make: options => traces.renderPlan({ version: 1, target: { addresses: [] }, pipeline: { stages: [] }, sources: [], awaited: [], addresses: [] }, options), options: { width: number([40, 80], [39, 1.5, Infinity]) }, error: refusing },
  renderTrace: { make: options => traces.renderTrace(traced(), options), options: { width: number([40, 80], [39, 1.5, Infinity]) }, error: refusing },
  renderWaterfall: { make: options => traces.renderWaterfall(traced(), options), options: { width: number([320, 4_096], [319, 4_097, Infinity]), until: positive }, error: refusing },
  simulatedNode: { make: options => testing.simulatedNode(presets.stock(), options), options: { belief: nested, seed: option([0, 1.5], ['1', {}]) } },
  simulate: {
    make: options => testing.simulate(presets.stock(), options),
    options: {
      network: option([simulated], [{}, { addresses: [] }]),
      peers: count,
      first: count,
      knows: oneOf('nothing', 'others', 'peers'),
      belief: nested,
      seed: option([0, 1.5], ['1', {}]),
      options: nested
    },
    required: { network: simulated, peers: 0 }
  },
  History: { make: options => new testing.History(clock, options), options: { belief: nested }, error: refusing },
  'History, belief': { make: belief => new testing.History(clock, { belief }), options: { success: probability, online: probability, roundTrip: positive, spread: positive }, error: refusing },
  'history.export': { make: async options => new testing.History(clock).export(options), options: { private: flag }, error: refusing },
  'history.merge': { make: async options => new testing.History(clock).merge(exported, options), options: { private: flag, weight: number([0.1, 1], [-1, 0, 1.1, Infinity]) }, error: refusing },
  attach: { make: passing(/needs a node/, options => root.attach({}, converging, options)), options: dial, error: refusing },
  'dialer.bootstrap': {
    make: passing(/private member/, async options => Dialer.prototype.bootstrap.call({} as any, [whole], options)),
    options: { spreadBy: oneOf('operator', 'prefix'), concurrency: positiveLimit, minConnections: positiveLimit, signal: signals },
    error: refusing
  },
  followPreferred: {
    make: passing(/^opened$/, async options => root.followPreferred({ addEventListener: fn, removeEventListener: fn, preferred: fn }, { newStream: fn } as any, () => { throw new Error('opened') }, options)),
    options: { idle: ms, isIdle: callback, onSwitch: callback, clock: clocks },
    error: refusing
  },
  'streams.handle': { make: options => streams.streamMigration()({ peerId: peer } as any).handle('/door', fn, options), options: { runOnLimitedConnection: flag }, error: refusing },
  streamMigration: { make: streams.streamMigration, options: { clock: clocks, timeout: ms, maxInboundStreams: limit, maxOutboundStreams: limit }, error: refusing },
  addressBook: { make: books.addressBook, options: { ttl: numbers(5, '5'), trust: option([{ dht: 'configured' }], [{ dht: 'certified' }, { dht: 1 }, 1]), pins: option([{}, { default: {} }, { owners: { app: { maxPeers: 1 } } }], [1, 'app', [{}]]), maxPeers: positiveLimit, disconnectTtl: ms, persist: flag, clock: clocks }, error: refusing },
  openRecord: { make: async options => books.openRecord(new Uint8Array(), options), options: { expectedPeer: peers }, error: refusing },
  sealRecord: {
    make: async options => books.sealRecord(key, options),
    options: { multiaddrs: addresses, seq: bigint },
    required: { multiaddrs: [address] },
    error: refusing
  },
  'addressBook({ pins })': { make: pins => node({ pins }), options: { default: nested, owners: option([{}, { dht: {} }], [1, { dht: 1 }]) }, error: refusing },
  'addressBook, quotas of pins': { make: options => node({ pins: { default: options } }), options: { maxPeers: limit, maxAddresses: limit, maxTtl: number([0, 1], [-1, Infinity]), evict: oneOf('oldest') }, error: refusing },
  'book.observe': {
    make: options => book.observe(peer, address, options),
    options: { source: name, reporter: peers, seq: bigint, ttl: ms, replaces: flag },
    required: { source: 'dht' },
    error: refusing
  },
  'book.removeReports': { make: options => book.removeReports('dht', options), options: { peer: peers, reporter: peers, multiaddr: option([address], ['/ip4/1.2.3.4', 1]) }, error: refusing },
  'book.forget': { make: options => { book.forget(peer, options) }, options: { except: addresses }, error: refusing },
  'book.consumeRecord': { make: async options => book.consumeRecord(new Uint8Array(), options), options: { expectedPeer: peers }, error: refusing },
  'owner.pin': {
    make: options => { owner.pin(peer, options).release() },
    options: { addresses, ttl: number([1, 1e9], [-1, 0]), signal: signals },
    error: refusing
  }
}

for (const [owner, { make, options, required = {}, defined = Object.keys(required), error = 'InvalidPipelineError' }] of Object.entries(DOORS)) {
  const refusal = async (given: object): Promise<Error | undefined> => refusalOf(() => make({ ...required, ...given }))

  test(`${owner} throws when its options are not an object`, async t => {
    for (const given of [null, 5, true, new Set(), new Map(), Promise.resolve({}), revoked()]) {
      t.is((await refusalOf(() => make(given)))?.name, error, inspect(given))
    }
  })

  test(`${owner} has exactly the options of the table, and suggests the closest name`, async t => {
    const known = (await refusal({ ofNobody: undefined }))?.message.split('It has: ')[1]?.split(', ') ?? []
    // libp2p reads the other options of the connection manager
    t.deepEqual((owner === 'fromConnectionManagerInit' ? known.slice(0, 4) : known).toSorted(), Object.keys(options).toSorted())

    for (const one of Object.keys(options)) {
      const mistyped = await refusal({ [`${one}s`]: undefined })
      t.is(mistyped?.name, error)
      t.true(mistyped?.message.includes(` has no option "${one}s": did you mean "${one}"?`), mistyped?.message)
    }
  })

  for (const [name, { right, wrong }] of Object.entries(options)) {
    test(`${owner} checks its option ${name}`, async t => {
      for (const value of wrong) {
        const refused = await refusal({ [name]: value })
        t.is(refused?.name, error, inspect(value))
        t.regex(refused?.message ?? '', new RegExp(` as ${name}(\\.dht|\\.dnsaddr)?, not `))
      }

      for (const value of right) {
        t.is(await refusal({ [name]: value }), undefined, inspect(value))
      }

      t.is((await refusal({ [name]: undefined }))?.name, defined.includes(name) ? error : undefined)
    })
  }
}

/** Arguments without a name: a function that passes the argument, and its values */
const ARGUMENTS: Record<string, [make: (argument: any) => unknown, argument: Option, error?: string]> = {
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
  provenance: [stages.provenance, option([undefined, [], ['certified'], { include: ['user'] }, { exclude: [] }], ['certified', {}, Object.create(null), { include: 'certified' }, { includes: ['certified'] }, new Set(['certified']), [1]])],
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
  'followPreferred, open': [async one => root.followPreferred({ addEventListener: fn, removeEventListener: fn, preferred: fn }, { newStream: fn } as any, one), option([], ['fn', {}]), refusing],
  'streams.handle, protocol': [one => streams.streamMigration()({ peerId: peer } as any).handle(one, fn), name, refusing],
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
  'history.merge, text': [async one => new testing.History(clock).merge(one), option([exported], [undefined, '', '{}', {}, 1, revoked()]), refusing],
  withSource: [one => books.withSource('door', one), callback, refusing],
  'withSource, source': [one => books.withSource(one, fn), name, refusing],
  'book.owner, name': [one => node().book.owner(one), name, refusing],
  'book.removeReports, source': [one => book.removeReports(one), name, refusing],
  'book.subscribe, listener': [one => book.subscribe(undefined, one), callback, refusing],
  'pin.renew': [one => owner.pin(peer, { addresses: [address] }).renew(one), number([1, 1e9], [-1, 0]), refusing]
}

for (const [what, [make, { right, wrong }, error = 'InvalidPipelineError']] of Object.entries(ARGUMENTS)) {
  test(`${what} is checked`, async t => {
    for (const value of wrong) {
      t.is((await refusalOf(() => make(value)))?.name, error, inspect(value))
    }

    for (const value of right) {
      t.is(await refusalOf(() => make(value)), undefined, inspect(value))
    }
  })
}

for (const [what, make, advice] of [
  ["transports(['tcp', 'ws'])", () => stages.transports(['tcp', 'ws'] as any), "transports() needs a name, not an array of 2: write transports('tcp', 'ws')"],
  ["byProvenance(['user'])", () => stages.byProvenance(['user'] as any), "byProvenance() needs a name, not an array of 1: write byProvenance('user')"],
  ["requireProtocol(['/chat/1'])", () => stages.requireProtocol(['/chat/1'] as any), "requireProtocol() needs a name, not an array of 1: write requireProtocol('/chat/1')"],
  ["stage({ accepts: ['connection'] })", () => stages.stage({ name: 'door', accepts: ['connection'] as any, yields: 'connections', run: fn }), "stage() needs an array of one or more of 'connections' as accepts, not an array with 'connection' at index 0: write 'connections'"],
  ["stage({ yields: 'lists' })", () => stages.stage({ name: 'door', accepts: ['connections'], yields: 'lists' as any, run: fn }), "stage() needs 'connections' as yields, not 'lists'"],
  ["stage({ yields: 'candidates' })", () => stages.stage({ name: 'door', accepts: ['candidates'], yields: 'candidates', run: fn } as any), "stage() needs 'connections' as yields, not 'candidates': write stage('…', (dial, work) => ({ candidates }) => candidates)"],
  ['filter({ options: [Symbol()] })', () => stages.filter('door', fn, { options: [Symbol('tier') as any] }), 'filter("door") needs an array of names other than then, toJSON, signal as options, not an array with Symbol(tier) at index 0'],
  ["provenance(['user', 3])", () => stages.provenance(['user', 3 as any]), 'provenance() needs an array of sources, not an array with 3 at index 1'],
  ['dialer()', () => (root.dialer as any)(), "dialer() needs a pipeline, not undefined: write dialer(adaptive()), with import { adaptive } from 'libp2p-dial-pipeline/presets'"],
  ['attach(node)', () => (root.attach as any)({ components: {} }), "attach() needs a pipeline, not undefined: write attach(node, adaptive()), with import { adaptive } from 'libp2p-dial-pipeline/presets'"],
  ['dialer(adaptive)', () => (root.dialer as any)(presets.adaptive), 'dialer() needs a pipeline, not a factory: call it as adaptive()'],
  ['pipeline([…])', () => (stages.pipeline as any)([stages.fromCaller(), race]), 'The pipeline cannot be put together: stage 1 is an array of 2, not a stage: write pipeline(...stages), or pipelineOf(stages)'],
  ['pipelineOf(race())', () => stages.pipelineOf(race as any), 'pipelineOf() needs an array of stages, not the stage "race": write pipelineOf([…])'],
  ['pipelineOf(fromCaller(), race())', () => (stages.pipelineOf as any)(stages.fromCaller(), race), 'pipelineOf() needs an array of stages, not the stage "from-caller": write pipelineOf([…])'],
  ['race(race())', () => stages.race(race as any), 'race() needs an object of options, not the stage "race"'],
  ['fallback([…])', () => (stages.fallback as any)([race, race]), 'fallback() takes its pipelines one by one, not an array of 2: write fallback(...pipelines)'],
  ['retry(race(), 3)', () => stages.retry(race, 3 as any), 'retry() needs an object of options, not 3: write { retries: 3 }'],
  ['pipeline(…, race)', () => (stages.pipeline as any)(stages.fromCaller(), stages.race), 'The pipeline cannot be put together: stage 2 is a factory, not a stage: call it as race()'],
  ['fallback()', () => (stages.fallback as any)(), 'fallback() needs one or more pipelines that yield connections: write fallback(pipeline(…, race()), race())'],
  ['timeout(race(), 100)', () => (stages.timeout as any)(race, 100), 'timeout() needs a number of milliseconds, 0 or more, not the stage "race": write timeout(ms, pipeline)'],
  ['timeout(100, take())', () => stages.timeout(100, stages.take() as any), 'timeout() needs a pipeline that yields connections, not the stage "take", which yields candidates: put race() below it'],
  ['retry(race)', () => stages.retry(stages.race as any), 'retry() needs a pipeline that yields connections, not a factory: call it as race()'],
  ['when(take(), …)', () => (stages.when as any)(stages.take(), fn), 'when() needs a function, not the stage "take": write when(predicate, stage)'],
  ['when(…, race())', () => stages.when(fn, race as any), 'when() needs a stage that yields candidates, not the stage "race", which yields connections'],
  ['filter(() => true)', () => (stages.filter as any)(fn), "filter() needs a name, not a function: write filter('…', …)"],
  ['race({ attempt: attemptTimeout() })', () => stages.race({ attempt: stages.attemptTimeout() as any }), 'race() needs an array of functions that wrap an attempt as attempt, not a function: write [attemptTimeout()]'],
  ['race({ attempt: [attemptTimeout] })', () => stages.race({ attempt: [stages.attemptTimeout as any] }), 'race() needs an array of functions that wrap an attempt as attempt, not an array with a function at index 0: write attemptTimeout()'],
  ['dialer({ slots: 10 })', () => root.dialer(presets.stock(), { slots: 10 as any }), 'dialer() needs an object as slots, not 10: write { node: 10 }'],
  ['dialer({ bans: true })', () => root.dialer(presets.stock(), { bans: true as any }), 'dialer() needs an object as bans, not true: write { persist: true }'],
  ['dialer({ history: true })', () => root.dialer(presets.stock(), { history: true as any }), 'dialer() needs an object as history, not true: write { persist: true }']
] as const) {
  test(`the error for ${what} says what is wrong and what to write`, t => {
    t.throws(make, { message: advice })
  })
}

/** Functions that take the name of a source */
const SOURCES: Record<string, [make: (source: string) => unknown, error?: string]> = {
  'source, provenance': [source => stages.source('door', fn, { provenance: source })],
  'provenance, a list': [source => stages.provenance(['user', source])],
  'provenance, include': [source => stages.provenance({ include: [source] })],
  'provenance, exclude': [source => stages.provenance({ exclude: ['user', source] })],
  byProvenance: [source => stages.byProvenance('user', source)],
  'quota, source': [source => stages.quota({ source: { user: 1, [source]: 1 } })],
  'scope, untrustedSources': [source => stages.scope({ untrustedSources: [source] })],
  withSource: [source => books.withSource(source, fn), refusing],
  'addressBook, ttl': [source => books.addressBook({ ttl: { [source]: 1 } }), refusing],
  'book.observe, source': [source => book.observe(peer, address, { source }), refusing],
  'book.removeReports, source': [source => book.removeReports(source), refusing]
}

for (const [what, [make, error = 'InvalidPipelineError']] of Object.entries(SOURCES)) {
  test(`${what} throws for a misspelt source, and suggests the right one`, async t => {
    for (const [misspelt, meant] of [['DHT', 'dht'], ['dth', 'dht'], ['dhts', 'dht'], ['Certified', 'certified'], ['dialed', 'dialled'], ['peerstore', 'peer-store'], ['users', 'user']] as const) {
      const refused = await refusalOf(() => make(misspelt))
      t.is(refused?.name, error, misspelt)
      t.true(refused?.message.endsWith(` knows no source '${misspelt}': did you mean '${meant}'?`), refused?.message)
    }
  })

  test(`${what} accepts known sources and an application's own`, async t => {
    for (const source of ['dht', 'dcutr', 'autonat', 'dns', 'peer-store', 'unknown', 'tracker', 'ens', 'kad-dht']) {
      t.is(await refusalOf(() => make(source)), undefined, source)
    }
  })
}

for (const [what, make] of Object.entries<(source: string) => unknown>({
  'source, provenance': source => stages.source('door', fn, { provenance: source }),
  'source, name': source => stages.source(source, fn),
  withSource: source => books.withSource(source, fn),
  'book.observe': source => book.observe(peer, address, { source })
})) {
  test(`${what} throws for the sources certified and dialled`, async t => {
    for (const source of ['certified', 'dialled']) {
      t.regex((await refusalOf(() => make(source)))?.message ?? '', new RegExp(` cannot claim '${source}': a (verified record|connection) makes an address that\\. Write 'user'`))
    }
  })
}

for (const given of [null, 'certified', { include: 'certified' }, { includes: ['certified'] }, { exclude: 'user' }, {}, Object.create(null) as object, new Set(['certified']), [1], 1, () => true, ['DHT'], { exclude: ['dth'] }, { include: undefined }]) {
  test(`a dial with provenance: ${inspect(given)} rejects, and nothing is dialled`, async t => {
    const { engine, network } = engineWorld(stages.pipeline(stages.fromCaller(), stages.provenance(), stages.race()), { 1: { connects: 5 } })

    await t.throwsAsync(engine.dial(placeOf(1, peer), { provenance: given as any }), { name: 'InvalidParametersError', message: /^The dial option "provenance" / })
    t.deepEqual(network.dialled, [])
  })
}

test('a dial with an invalid provenance neither joins a dial nor gets the open connection', async t => {
  const { engine, clock } = engineWorld(stages.pipeline(stages.fromCaller(), stages.provenance(), stages.race()), { 1: { connects: 5 } })
  const refused = { name: 'InvalidParametersError', message: /write \['user'\]$/ }

  const first = engine.dial(placeOf(1, peer), { provenance: ['user'] })
  await t.throwsAsync(engine.dial(placeOf(1, peer), { provenance: 'user' as any }), refused)
  await clock.until(first)
  await t.throwsAsync(engine.dial(placeOf(1, peer), { provenance: 'user' as any }), refused)
})

test('stages and presets throw InvalidPipelineError only', t => {
  const errors = [...Object.entries(DOORS).map(([name, { error }]) => [name, error]), ...Object.entries(ARGUMENTS).map(([name, [, , error]]) => [name, error])]
  const others = errors.filter(([name = '', error]) => (name.split(',')[0] ?? '') in { ...stages, ...presets } && error === refusing)

  t.deepEqual(others, [])
})

/** Exports without options, which wrong-arguments.test.ts calls */
const WITHOUT_OPTIONS = new Set(['peerOf', 'pipeline', 'scriptedComponents'])

test('each exported factory is in the table', t => {
  const checked = new Set([...Object.keys(DOORS), ...Object.keys(ARGUMENTS)].map(name => name.split(/[,(]/)[0]))

  for (const module of [root, stages, presets, books, streams, testing, traces]) {
    for (const [name, value] of Object.entries<unknown>(module)) {
      const isFactory = typeof value === 'function' && !/^class\b/.test(value.toString()) && !/^(async )?function \w+ \(\)/.test(value.toString())
      t.true(!isFactory || checked.has(name) || WITHOUT_OPTIONS.has(name), `${name} is missing`)
    }
  }
})
