import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { scene } from './scene.ts'
import type { Bans } from '../../src/bans/bans.ts'

const peer = await newPeer()

test('a ban expires when its duration is over, without a timer', async t => {
  const { bans, clock } = scene()
  bans.add(peer, 60_000)
  bans.add('203.0.113.0/24', Infinity)

  t.is(bans.reasonFor(peer), `/p2p/${peer} is banned until 2026-01-01T00:01:00.000Z`)
  t.is(bans.reasonFor(multiaddr('/ip4/203.0.113.1/tcp/1')), '203.0.113.0/24 is banned until it is removed')
  t.is(clock.pending, 0)

  await clock.advance(59_999)
  t.not(bans.reasonFor(peer), undefined)
  t.is(bans.list().length, 2)
  await clock.advance(1)
  t.is(bans.reasonFor(peer), undefined)
  t.deepEqual(bans.list().map(({ target }) => target), ['203.0.113.0/24'])
  t.false(bans.remove(peer))
})

test('list() returns the bans, and remove() takes a listed target', t => {
  const { bans, clock } = scene()
  const address = multiaddr('/ip4/203.0.113.5/tcp/1')
  bans.add(peer, 1_000)
  bans.add(address, 2_000)
  bans.add('2001:db8::/48', Infinity)

  t.deepEqual(bans.list(), [
    { target: peer, since: clock.now(), until: clock.now() + 1_000 },
    { target: address, since: clock.now(), until: clock.now() + 2_000 },
    { target: '2001:db8::/48', since: clock.now(), until: Infinity }
  ])
  t.deepEqual(bans.list().map(({ target }) => bans.remove(target)), [true, true, true])
  t.deepEqual(bans.list(), [])
  t.is(bans.reasonFor(peer), undefined)
  t.is(bans.reasonFor(multiaddr('/ip6/2001:db8::1/tcp/1')), undefined)
})

test('repeating a ban never shortens it', async t => {
  const { bans, clock } = scene()
  const since = clock.now()
  bans.add(peer, 10_000)
  await clock.advance(1_000)
  bans.add(multiaddr(`/p2p/${peer}`), 1_000)
  t.deepEqual(bans.list().map(({ since, until }) => [since, until]), [[since, since + 10_000]])
  bans.add(peer, 10_000)
  t.deepEqual(bans.list().map(({ since, until }) => [since, until]), [[since, since + 11_000]])
})

for (const [name, add] of [['no ban', () => {}], ['bans', (bans: Bans) => { bans.add('203.0.113.5', Infinity) }]] as const) {
  test(`reasonFor() and matches() refuse text and other values with ${name}`, t => {
    const { bans } = scene()
    add(bans)

    for (const subject of ['203.0.113.5', peer.toString(), undefined, null, 5, {}, { multiaddr: '/ip4/203.0.113.5' }]) {
      t.throws(() => bans.reasonFor(subject as never), { name: 'InvalidParametersError', message: /^bans\.reasonFor\(\) needs a peer id, / })
      t.throws(() => bans.matches(subject as never), { name: 'InvalidParametersError', message: /^bans\.matches\(\) needs a peer id, / })
    }
  })
}
