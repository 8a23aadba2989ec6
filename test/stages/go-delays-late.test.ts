import test from 'ava'
import { dialled, SILENT, VIA } from './dial-like-go.ts'
import type { Late } from './dial-like-go.ts'

test('goDelays() counts the delays of late addresses from their arrival', async t => {
  const late = ['/ip6/2a00::1/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4002/quic-v1', '/ip4/1.2.3.4/udp/4003/quic-v1', '/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4003']

  t.deepEqual(await dialled(t, { '/ip4/1.2.3.4/tcp/4002': SILENT }, { late: [[2_000, late]] }), [
    [0, '/ip4/1.2.3.4/tcp/4002'],
    // better than the address in flight
    [2_000, '/ip6/2a00::1/udp/4001/quic-v1'],
    [2_250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [2_500, '/ip4/1.2.3.4/udp/4002/quic-v1'],
    [2_510, '/ip4/1.2.3.4/udp/4003/quic-v1'],
    [2_750, '/ip4/1.2.3.4/tcp/4001'],
    [3_000, '/ip4/1.2.3.4/tcp/4003']
  ])
})

test('goDelays() does not start late addresses in a burst beside a relay in flight', async t => {
  const late = ['/ip6/2a00::1/udp/4001/quic-v1', '/ip4/1.2.3.4/udp/4001/quic-v1', '/ip6/2a00::1/tcp/4001', '/ip4/1.2.3.4/tcp/4001']

  // alone, the relay had a delay of 0. Now it has 500, like the first TCP address
  t.deepEqual(await dialled(t, { [`/ip4/5.6.7.8/tcp/4001${VIA}`]: SILENT }, { late: [[2_000, late]] }), [
    [0, `/ip4/5.6.7.8/tcp/4001${VIA}`],
    [2_000, '/ip6/2a00::1/udp/4001/quic-v1'],
    [2_250, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [2_500, '/ip6/2a00::1/tcp/4001'],
    [2_750, '/ip4/1.2.3.4/tcp/4001']
  ])
})

test('goDelays() does not start addresses that arrive one by one in a burst', async t => {
  const late: Late[] = [3, 2, 1].map((port, i) => [2_000 + i, [`/ip4/1.2.3.4/tcp/${port}`]])

  // each new address is better than all before
  t.deepEqual(await dialled(t, { '/ip4/1.2.3.4/tcp/4': SILENT }, { late }), [
    [0, '/ip4/1.2.3.4/tcp/4'],
    [2_000, '/ip4/1.2.3.4/tcp/3'],
    [2_010, '/ip4/1.2.3.4/tcp/1'],
    [2_260, '/ip4/1.2.3.4/tcp/2']
  ])
})

test('goDelays() does not delay an address by a late one', async t => {
  t.deepEqual(await dialled(t, {
    '/ip4/1.2.3.4/udp/4001/quic-v1': SILENT,
    '/ip4/1.2.3.4/udp/4002/quic-v1': SILENT,
    '/ip4/1.2.3.4/tcp/4001': SILENT
  }, { late: [[300, ['/ip4/1.2.3.4/udp/1/quic-v1']]] }), [
    [0, '/ip4/1.2.3.4/udp/4001/quic-v1'],
    [250, '/ip4/1.2.3.4/udp/4002/quic-v1'],
    [300, '/ip4/1.2.3.4/udp/1/quic-v1'],
    // one step after it, instead of the 500 between it and TCP
    [550, '/ip4/1.2.3.4/tcp/4001']
  ])
})
