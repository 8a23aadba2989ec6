import * as presets from '../../presets/index.ts'
import * as books from '../../src/address-book/index.ts'
import { Dialer } from '../../src/dialer/dialer.ts'
import * as root from '../../src/index.ts'
import * as streams from '../../src/stream-migration/index.ts'
import { node } from '../address-book/kit.ts'
import { passing } from './refusal.ts'
import { address, addresses, belief, bigint, book, callback, clocks, flag, fn, key, limit, ms, name, names, nested, number, numbers, oneOf, option, owner, peer, peers, positiveLimit, signals, whole } from './values.ts'
import type { CheckedFunction } from './refusal.ts'

const converging = presets.goLike()
const dial = { slots: nested, traces: limit, history: nested, bans: nested, verifyInbound: callback, convergence: option([{}, false], [true, 'no', null]), clock: clocks }

/** Options of the dialer, the address book and stream migration, whose error is an InvalidParametersError */
export const SERVICE_FUNCTIONS: Record<string, Omit<CheckedFunction, 'error'>> = {
  dialer: { make: options => root.dialer(converging, options), options: { ...dial, orElse: oneOf('libp2p') } },
  'dialer({ slots })': { make: slots => root.dialer(presets.stock(), { slots }), options: { node: positiveLimit, peer: positiveLimit, prefix: positiveLimit, transport: numbers(2, 0) } },
  'dialer({ history })': { make: history => root.dialer(presets.stock(), { history }), options: { persist: flag, belief: nested } },
  'dialer({ history: { belief } })': { make: prior => root.dialer(presets.stock(), { history: { belief: prior } }), options: belief },
  'dialer({ convergence })': {
    make: convergence => root.dialer(converging, { convergence }),
    options: { order: option([[], ['quic-v1', 'tcp']], ['tcp', ['quic'], [undefined]]), idle: ms, deadline: ms, background: names, onPreferredChange: callback }
  },
  'dialer({ bans })': { make: bans => root.dialer(presets.stock(), { bans }), options: { persist: flag, required: flag } },
  attach: { make: passing(/needs a node/, options => root.attach({}, converging, options)), options: dial },
  'dialer.bootstrap': {
    // `any`: a fake with only the members that the test needs
    make: passing(/private member/, async options => Dialer.prototype.bootstrap.call({} as any, [whole], options)),
    options: { spreadBy: oneOf('operator', 'prefix'), concurrency: positiveLimit, minConnections: positiveLimit, signal: signals }
  },
  followPreferred: {
    // `any`: a fake with only the members that the test needs
    make: passing(/^opened$/, async options => root.followPreferred({ addEventListener: fn, removeEventListener: fn, preferred: fn }, { newStream: fn } as any, () => { throw new Error('opened') }, options)),
    options: { idle: ms, isIdle: callback, onSwitch: callback, clock: clocks }
  },
  // `any`: a fake with only the members that the test needs
  'streams.handle': { make: options => streams.streamMigration()({ peerId: peer } as any).handle('/sample', fn, options), options: { runOnLimitedConnection: flag } },
  streamMigration: { make: streams.streamMigration, options: { clock: clocks } },
  addressBook: { make: books.addressBook, options: { ttl: numbers(5, '5'), trust: option([{ dht: 'configured' }], [{ dht: 'certified' }, { dht: 1 }, 1]), pins: option([{}, { default: {} }, { owners: { app: { maxPeers: 1 } } }], [1, 'app', [{}]]), maxPeers: positiveLimit, disconnectTtl: ms, persist: flag, clock: clocks } },
  openRecord: { make: async options => books.openRecord(new Uint8Array(), options), options: { expectedPeer: peers } },
  sealRecord: { make: async options => books.sealRecord(key, options), options: { multiaddrs: addresses, seq: bigint }, required: { multiaddrs: [address] } },
  'addressBook({ pins })': { make: pins => node({ pins }), options: { default: nested, owners: option([{}, { dht: {} }], [1, { dht: 1 }]) } },
  'addressBook, quotas of pins': { make: options => node({ pins: { default: options } }), options: { maxPeers: limit, maxAddresses: limit, maxTtl: number([0, 1], [-1, Infinity]), evict: oneOf('oldest') } },
  'book.observe': { make: options => book.observe(peer, address, options), options: { source: name, reporter: peers, ttl: ms, replaces: flag }, required: { source: 'dht' } },
  'book.removeReports': { make: options => book.removeReports('dht', options), options: { peer: peers, reporter: peers, multiaddr: option([address], ['/ip4/1.2.3.4', 1]) } },
  'book.forget': { make: options => { book.forget(peer, options) }, options: { except: addresses } },
  'book.consumeRecord': { make: async options => book.consumeRecord(new Uint8Array(), options), options: { expectedPeer: peers } },
  'owner.pin': { make: options => { owner.pin(peer, options).release() }, options: { addresses, ttl: number([1, 1e9], [-1, 0]), signal: signals } }
}
