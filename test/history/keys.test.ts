import test from 'ava'
import { bestSource, keysOf, roundTripIn } from '../../src/history/keys.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { systemError, to } from './learning.ts'

const [peer, relay] = await Promise.all([newPeer(), newPeer()])
const HASH = 'uEiAkH5a4DPGKUuOBjYw0CgwjLa2R_RF71v86aVxlqdKNOQ'

/** Round trips until the first response and the connection, and additional milliseconds */
const TRANSPORTS: ReadonlyArray<[address: string, transport: string, first: number, all: number, overhead: number]> = [
  [`/ip4/7.7.7.7/tcp/1/p2p/${relay}/p2p-circuit`, 'circuit', 9, 11, 500],
  ['/ip4/7.7.7.7/udp/1/quic-v1', 'quic', 1, 1, 4],
  ['/ip4/7.7.7.7/udp/1/quic', 'quic', 1, 1, 4],
  [`/ip4/7.7.7.7/udp/1/quic-v1/webtransport/certhash/${HASH}`, 'webtransport', 1, 3, 10],
  ['/dns4/example.com/tcp/443/tls/ws', 'wss', 3, 5, 15],
  ['/ip4/7.7.7.7/tcp/1/ws', 'ws', 2, 4, 11],
  ['/ip4/7.7.7.7/tcp/1', 'tcp', 1, 3, 9],
  [`/ip4/7.7.7.7/udp/1/webrtc-direct/certhash/${HASH}`, 'webrtc-direct', 7, 7, 70],
  [`/ip4/7.7.7.7/tcp/1/p2p/${relay}/p2p-circuit/webrtc`, 'webrtc', 11, 18, 570],
  ['/memory/one', 'memory', 0, 0, 1],
  ['/ip4/7.7.7.7/udp/1', 'other', 1, 3, 10]
]

for (const [address, transport, first, all, overhead] of TRANSPORTS) {
  test(`${transport} has its first response after ${first} round trips, and a connection after ${all} and ${overhead} ms: ${address.replace(`${relay}`, '<relay>')}`, t => {
    t.deepEqual(keysOf(to(address, peer)).costs, { transport, roundTrips: { first, all }, overhead })
  })
}

test('circuit and webrtc addresses are indirect and have no prefix', t => {
  const isIndirect = TRANSPORTS.filter(([address]) => keysOf(to(address, peer)).isIndirect).map(([, transport]) => transport)
  t.deepEqual(isIndirect, ['circuit', 'webrtc'])
  t.deepEqual(TRANSPORTS.filter(([address]) => keysOf(to(address, peer)).prefix == null).map(([, transport]) => transport), ['circuit', 'wss', 'webrtc', 'memory'])
})

test('roundTripIn() measures by the first response, else the connection, else a TCP refusal', t => {
  const tcp = keysOf(to('/ip4/7.7.7.7/tcp/1', peer)).costs
  const quic = keysOf(to('/ip4/7.7.7.7/udp/1/quic-v1', peer)).costs
  const memory = keysOf(to('/memory/one', peer)).costs
  const ended = { candidate: to('/ip4/7.7.7.7/tcp/1', peer), startedAt: 100, endedAt: 400, isCancelled: false }
  const refused = systemError('ECONNREFUSED')

  t.is(roundTripIn({ ...ended, firstResponseAt: 180 }, tcp), 80)
  t.is(roundTripIn({ ...ended, firstResponseAt: 180, isCancelled: true }, tcp), 80)
  t.is(roundTripIn(ended, tcp), (300 - 9) / 3)
  // at least a quarter of the time
  t.is(roundTripIn({ ...ended, endedAt: 108 }, tcp), 2 / 3)
  t.is(roundTripIn({ ...ended, error: refused }, tcp), 300)
  t.is(roundTripIn({ ...ended, error: refused }, quic), undefined)
  t.is(roundTripIn({ ...ended, error: systemError('EHOSTUNREACH') }, tcp), undefined)
  t.is(roundTripIn({ ...ended, isCancelled: true }, tcp), undefined)
  t.is(roundTripIn({ ...ended, isCancelled: true, error: refused }, tcp), undefined)
  t.is(roundTripIn({ ...ended, firstResponseAt: 180 }, memory), undefined)
})

test('the source of an address is the most trusted one, by the levels that the application gave', t => {
  const provenance = [{ source: 'tracker' }, { source: 'identify' }]
  t.is(bestSource(provenance), 'identify')
  t.is(bestSource(provenance, new Map([['tracker', 'configured']])), 'tracker')
  t.is(keysOf({ ...to('/ip4/7.7.7.7/tcp/1', peer), provenance }, new Map([['tracker', 'configured']])).source, 'tracker')
})
