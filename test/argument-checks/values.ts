import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as presets from '../../presets/index.ts'
import * as stages from '../../src/stages/index.ts'
import * as testing from '../../src/testing/index.ts'
import { node } from '../address-book/kit.ts'

export const key = await generateKeyPair('Ed25519')
export const peer = peerIdFromPrivateKey(key)
export const address = multiaddr('/ip4/192.0.2.1/tcp/4001')
export const whole = address.encapsulate(`/p2p/${peer.toString()}`)
export const fn = (): any => undefined
export const race = stages.race()
export const clock = new testing.VirtualClock()
export const simulated = testing.simulatedNetwork({ addresses: [{ transport: 'tcp' }] })
export const { signal } = new AbortController()

/** Values that an option accepts, and values that it refuses. `null` is always refused */
export interface Option {
  right: readonly unknown[]
  wrong: readonly unknown[]
}

/** A value that throws when it is read */
export function revoked (target: object = {}): any {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()

  return proxy
}

export const option = (right: readonly unknown[], wrong: readonly unknown[]): Option => ({ right, wrong: [null, ...wrong] })

/** A number, with the numbers that the option refuses */
export const number = (right: readonly number[], odd: readonly number[] = []): Option => option(right, [NaN, '1000', 1n, true, {}, [1], fn, ...odd])
export const oneOf = (...values: readonly string[]): Option => option(values, ['', values[0]?.slice(1), values.slice(0, 1), 1, true])

export const ms = number([0, 250, Infinity], [-1])
export const finiteMs = number([0, 250], [-1, Infinity])
export const positiveMs = number([1, Infinity], [-1, 0])
export const count = number([0, 3], [-1, 1.5, Infinity])
export const limit = number([0, 3, Infinity], [-1, 1.5])
export const positiveLimit = number([1, Infinity], [-1, 0, 1.5])
export const probability = number([0, 0.5, 1], [-0.1, 1.1])
export const positive = number([0.1, 80], [-1, 0, Infinity])
export const belief = { success: probability, online: probability, roundTrip: positive, spread: positive }
export const width = number([40, 80], [39, 1.5, Infinity])
export const flag = option([true, false], ['true', 1, {}, fn])
export const callback = option([fn], ['fn', {}, true, Promise.resolve(fn)])
export const name = option(['dht'], ['', 1, ['dht'], fn])
export const names = option([[], ['dht']], ['dht', new Set(['dht']), { 0: 'dht' }, [undefined], [''], [1], revoked([])])
// a promise reads `then`, and JSON.stringify() reads `toJSON`
export const optionNames = option([[], ['tier', 'toString']], [...names.wrong, ['then'], ['tier', 'toJSON'], ['signal']])
export const addresses = option([[address]], [address, [address.toString()], new Set([address])])
export const bigint = option([1n], ['1', 1])
export const nested = option([{}], [0, true, 'text', fn])
export const numbers = (right: number, wrong: unknown): Option => option([{}, { dht: right }], [{ dht: wrong }, [right], new Map([['dht', right]]), right])
export const resolvers = option([{}, { dnsaddr: { canResolve: fn, resolve: fn } }], [{ dnsaddr: fn }, { dnsaddr: {} }, fn])
export const when = oneOf('always', 'empty', 'exhausted')
export const clocks = option([clock], [{}, { now: () => 0 }, () => 0])
export const signals = option([signal], [{}, new AbortController(), fn])
export const peers = option([peer], [{}, peer.toString()])
export const pipelines = option([presets.stock(), stages.pipeline(stages.fromCaller(), race)], [undefined, presets.adaptive, fn, {}, stages.dialable(), stages.pipeline(stages.fromCaller()), revoked(fn)])
export const components = testing.scriptedComponents({ clock, network: new testing.ScriptedNetwork(clock), peerId: peer })

export const { book } = node({ pins: { owners: { door: { maxTtl: 1e12 } } } })
export const owner = book.owner('door')
export const exportedHistory = await new testing.History(clock).export()
