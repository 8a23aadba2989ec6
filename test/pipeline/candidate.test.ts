import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate, merge, peerOf } from '../../src/pipeline/candidate.ts'
import { PEER, SELF } from '../../src/testing/compliance/samples.ts'

const bare = multiaddr('/ip4/203.0.113.1/tcp/1')
const full = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${PEER.toString()}`)

test('two ways to write an address of a peer are one candidate', t => {
  t.is(candidate(bare, PEER).id, candidate(full, PEER).id)
  t.is(candidate(bare, PEER).id, full.toString())
  t.is(candidate(bare, PEER).multiaddr.toString(), full.toString())
})

test('a peer id that is written as a CID makes no other candidate, at the end or of a relay', t => {
  const cid = PEER.toCID().toString()
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}`), PEER).id, full.toString())
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}`)).id, full.toString())
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}/p2p-circuit`), SELF).id, `${full.toString()}/p2p-circuit/p2p/${SELF.toString()}`)
  // the id of no peer: the hash is another
  const odd = multiaddr(Uint8Array.from([...bare.bytes, 0xa5, 0x03, 22, 0x11, 20, ...new Uint8Array(20)]))
  t.is(candidate(odd).id, odd.toString())
})

test('without a peer an address stays as it is', t => {
  t.is(candidate(bare).id, bare.toString())
})

test('the peer of a relay is not that of the target', t => {
  const relayed = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}/p2p-circuit`)
  t.is(candidate(relayed, PEER).id, `${relayed.toString()}/p2p/${PEER.toString()}`)
})

test('the address of another peer stays that', t => {
  const other = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`)
  t.is(candidate(other, PEER).id, other.toString())
})

test('a candidate is frozen, with what it was made of', t => {
  const provenance = [{ source: 'user' }]
  const one = candidate(bare, PEER, { isCertified: true, provenance })
  provenance.push({ source: 'later' })

  t.true(Object.isFrozen(one))
  t.true(Object.isFrozen(one.provenance))
  t.true(one.isCertified)
  t.deepEqual(one.provenance, [{ source: 'user' }])
  t.like(candidate(bare), { isCertified: false, provenance: [] })
})

test('merging what says nothing new gives the first', t => {
  const one = candidate(bare, PEER, { isCertified: true, provenance: [{ source: 'user' }, { source: 'certified' }] })
  t.is(merge(one, candidate(bare, PEER)), one)
  t.is(merge(one, candidate(bare, PEER, { provenance: [{ source: 'user' }] })), one)
  t.is(merge(one, candidate(bare, PEER, { isCertified: true })), one)
})

test('merging adds the provenance and the certificate of the second', t => {
  const both = merge(candidate(bare, PEER, { provenance: [{ source: 'user' }] }), candidate(full, PEER, { isCertified: true, provenance: [{ source: 'user' }, { source: 'certified' }] }))

  t.true(Object.isFrozen(both))
  t.true(Object.isFrozen(both.provenance))
  t.is(both.id, full.toString())
  t.true(both.isCertified)
  t.deepEqual(both.provenance, [{ source: 'user' }, { source: 'certified' }])
})

test('the peer of an address is the last that it names', t => {
  t.is(peerOf(bare), undefined)
  t.is(peerOf(full), PEER.toString())
  t.is(peerOf(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}/p2p-circuit/p2p/${PEER.toString()}`)), PEER.toString())
})
