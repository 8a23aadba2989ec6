import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { learning, rounded, silent, systemError, tcp, to } from './learning.ts'
import type { Estimate } from '../../src/pipeline/types.ts'

const peer = await newPeer()
const one = to('/ip4/7.7.7.7/tcp/1', peer)

const median = ({ firstResponse: { mu } }: Estimate): number => rounded(Math.exp(mu))

test('the round trip is that of the address, else of its prefix, else of its network', t => {
  const { history, attempt } = learning()
  const one = to('/ip4/7.7.7.7/tcp/1')
  attempt(one, { connects: 69, heard: 20 })

  t.is(median(history.estimate(one)), 20)
  t.is(rounded(history.estimate(one).connect), 69)
  t.is(median(history.estimate(to('/ip4/7.7.7.8/tcp/1'))), 20)
  t.is(rounded(history.estimate(to('/ip4/7.7.7.8/tcp/1')).connect), 69)
  // WebSockets needs twice as many round trips for its first response
  t.is(median(history.estimate(to('/ip4/7.7.7.7/tcp/2/ws'))), 40)
  t.is(median(history.estimate(to('/ip4/7.7.7.7/udp/1/quic-v1'))), 20)
  // a third of the way, because the belief weighs two samples
  const inBetween = rounded(80 ** (2 / 3) * 20 ** (1 / 3))
  t.deepEqual(['/ip4/9.9.9.9/tcp/1', '/ip6/2a01::1/udp/1/quic-v1'].map(address => median(history.estimate(to(address)))), [inBetween, inBetween])
  t.is(median(history.estimate(to('/ip4/192.168.1.1/tcp/1'))), 80)
})

test('the round trip is measured from a QUIC connection or a TCP refusal too', t => {
  const { history, attempt } = learning()
  const [quic, refused, slow] = [to('/ip4/7.7.7.7/udp/1/quic-v1'), to('/ip4/8.8.8.8/tcp/1'), to('/ip4/9.9.9.9/tcp/1')]
  attempt(quic, { connects: 34 })
  attempt(refused, { fails: 25, error: systemError('ECONNREFUSED') })
  attempt(slow, silent)

  t.deepEqual([quic, refused].map(one => median(history.estimate(one))), [30, 25])
  t.not(median(history.estimate(slow)), 6_000)
})

test('steady round trips narrow the expected spread, and jumps widen it', t => {
  const { history, attempt } = learning()
  const one = tcp(1)
  const sigma = (): number => history.estimate(one).firstResponse.sigma
  Array.from({ length: 30 }, () => { attempt(one, { connects: 300, heard: 100 }) })
  t.is(sigma(), 0.15)

  Array.from({ length: 3 }, () => { attempt(one, { connects: 1_200, heard: 400 }) })
  t.true(sigma() > 0.5)
})

test('no round trip is measured for memory addresses', t => {
  const { history, attempt } = learning()
  const one = to('/memory/a')
  attempt(one, { connects: 2, heard: 1 })
  const { firstResponse, connect } = history.estimate(one)

  t.deepEqual([Math.exp(firstResponse.mu), rounded(connect)], [1, 2])
})

test('an address keeps its own round trip beside others of its prefix', t => {
  const { history, attempt } = learning()
  const [near, far] = ['/ip4/7.7.7.7/tcp/1', '/ip4/7.7.7.8/tcp/1'].map(address => to(address)) as [typeof one, typeof one]
  attempt(near, { connects: 249, heard: 80 })
  attempt(far, { connects: 2_000, heard: 640 })
  t.deepEqual([near, far].map(one => Math.round(Math.exp(history.estimate(one).firstResponse.mu))), [80, 640])
})
