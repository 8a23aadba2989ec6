import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, HOUR, learning, rounded, silent, systemError, tcp, to } from './learning.ts'
import type { Ending } from './learning.ts'

/** Returns the estimate for an untried address of the path class, provided that its peer is online */
const ofClass = ({ history }: Pick<ReturnType<typeof learning>, 'history'>): number => rounded(history.estimate(tcp(200)).valid)

const refused: Ending = { fails: 40, error: systemError('ECONNREFUSED') }
const UNKNOWN = rounded(0.5 / 0.75)

test('the silence of addresses without a peer id lowers the class only after an answer of their host', async t => {
  const world = learning()
  // the network works, so their silence is no outage
  world.history.received()
  Array.from({ length: 20 }, (_, n) => { world.attempt(tcp(n), silent) })
  t.is(ofClass(world), UNKNOWN)

  world.attempt(to('/ip4/7.7.1.1/tcp/2', await newPeer()), refused)
  const afterOne = ofClass(world)
  t.true(afterOne < UNKNOWN)
  world.attempt(to('/ip4/7.7.2.1/udp/2/quic-v1'), connects)
  t.true(ofClass(world) < afterOne)

  // the host has answered during the attempt
  const during = learning()
  during.attempt(to('/ip4/7.7.2.1/udp/2/quic-v1'), connects)
  during.attempt(tcp(2), silent)
  t.true(ofClass(during) < UNKNOWN)
  await during.clock.advance(HOUR)
  const later = ofClass(during)
  during.attempt(tcp(2), silent)
  t.is(ofClass(during), later)
})
