import { peerIdFromMultihash } from '@libp2p/peer-id'
import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, silent, to } from './learning.ts'

const peer = await newPeer()

test('an address of more than 1,024 bytes is not recorded', t => {
  const { history, attempt } = learning()
  const { addresses, peers } = history.networks.current
  const long = to(`/dns4/${'a'.repeat(1_024)}/tcp/1`, peer)
  const before = history.estimate(long)
  attempt(long, silent)
  attempt(long, connects)
  t.deepEqual([[...addresses].length, [...peers].length], [0, 0])
  t.is(history.failures(long), undefined)
  t.deepEqual(history.estimate(long), before)

  attempt(to(`/dns4/${'a'.repeat(253)}/tcp/1`, peer), silent)
  t.is([...addresses].length, 1)
})

test('a peer id of more than 256 characters is not recorded', t => {
  const { history } = learning()
  const digest = new Uint8Array(1_000).fill(7)
  const huge = peerIdFromMultihash({ code: 0x12, size: 1_000, digest, bytes: Uint8Array.from([0x12, 0xe8, 0x07, ...digest]) })
  history.unreachable(huge)
  history.connected(huge)
  t.is([...history.networks.current.peers].length, 0)
})

test('networkChanged() throws for a name of more than 256 characters', t => {
  const { history } = learning()
  t.throws(() => { history.networkChanged('x'.repeat(257)) }, { name: 'InvalidParametersError', message: /^The name of a network .* has 257 characters/ })
  t.notThrows(() => { history.networkChanged('x'.repeat(256)) })
  t.notThrows(() => { history.networkChanged() })
})
