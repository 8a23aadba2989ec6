import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { candidate, Claim, merge, peerOf, withVerifiedClaim } from '../../src/pipeline/candidate.ts'
import { PEER, SELF } from '../../src/testing/compliance/samples.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const bare = multiaddr('/ip4/203.0.113.1/tcp/1')
const full = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${PEER.toString()}`)

test('an address with and without its peer id is the same candidate', t => {
  t.is(candidate(bare, PEER).id, candidate(full, PEER).id)
  t.is(candidate(bare, PEER).id, full.toString())
  t.is(candidate(bare, PEER).multiaddr.toString(), full.toString())
})

test('a peer id written as a CID makes the same candidate, at the end or for a relay', t => {
  const cid = PEER.toCID().toString()
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}`), PEER).id, full.toString())
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}`)).id, full.toString())
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}/p2p-circuit`), SELF).id, `${full.toString()}/p2p-circuit/p2p/${SELF.toString()}`)
  t.is(candidate(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${cid}/p2p-circuit/p2p/${SELF.toString()}`)).id, `${full.toString()}/p2p-circuit/p2p/${SELF.toString()}`)
  // a peer id with an unknown hash function
  const odd = multiaddr(Uint8Array.from([...bare.bytes, 0xa5, 0x03, 22, 0x11, 20, ...new Uint8Array(20)]))
  t.is(candidate(odd).id, odd.toString())
})

test('a name with slashes makes the candidate that its text says', t => {
  const name = new TextEncoder().encode('a.example/tcp/80')
  const slashed = multiaddr(Uint8Array.of(54, name.length, ...name, 6, 0x1f, 0x90))
  const { id, multiaddr: made, facts } = candidate(slashed)
  t.is(id, '/dns4/a.example/tcp/80/tcp/8080')
  t.deepEqual(made.bytes, multiaddr(id).bytes)
  t.is(facts.host, 'a.example')
})

test('a candidate without a peer keeps its address unchanged', t => {
  t.is(candidate(bare).id, bare.toString())
})

test('the peer id is appended to a relayed address that names only its relay', t => {
  const relayed = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}/p2p-circuit`)
  t.is(candidate(relayed, PEER).id, `${relayed.toString()}/p2p/${PEER.toString()}`)
})

test('an address with another peer\'s id keeps it', t => {
  const other = multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}`)
  t.is(candidate(other, PEER).id, other.toString())
})

test('a candidate is frozen, with a copy of its provenance', t => {
  const provenance = [{ source: 'user' }]
  const one = candidate(bare, PEER, { isCertified: true, provenance })
  provenance.push({ source: 'later' })

  t.true(Object.isFrozen(one))
  t.true(Object.isFrozen(one.provenance))
  t.true(one.isCertified)
  t.deepEqual(one.provenance, [{ source: 'user' }])
  t.like(candidate(bare), { isCertified: false, provenance: [] })
})

test('the reports of a candidate are frozen copies, and frozen reports are kept', t => {
  const report = { source: 'dht' }
  const frozen = Object.freeze({ source: 'user' })
  const one = candidate(bare, PEER, { provenance: [report, frozen] })
  report.source = 'certified'

  t.deepEqual(one.provenance, [{ source: 'dht' }, { source: 'user' }])
  t.true(one.provenance.every(Object.isFrozen))
  t.is(one.provenance[1], frozen)
  t.true(Object.isFrozen(new Claim(() => undefined)))
  t.true(withVerifiedClaim(withClaim(), { seq: 1n, ids: new Set([full.toString()]) }).provenance.every(Object.isFrozen))
})

function withClaim (): Candidate {
  const claim = new Claim(() => undefined)
  const one = candidate(bare, PEER, { provenance: [claim] })
  claim.add(one)

  return one
}

test('merge() returns the first candidate when the second adds nothing', t => {
  const one = candidate(bare, PEER, { isCertified: true, provenance: [{ source: 'user' }, { source: 'certified' }] })
  t.is(merge(one, candidate(bare, PEER)), one)
  t.is(merge(one, candidate(bare, PEER, { provenance: [{ source: 'user' }] })), one)
  t.is(merge(one, candidate(bare, PEER, { isCertified: true })), one)
})

test('merge() adds the provenance and certificate of the second candidate', t => {
  const both = merge(candidate(bare, PEER, { provenance: [{ source: 'user' }] }), candidate(full, PEER, { isCertified: true, provenance: [{ source: 'user' }, { source: 'certified' }] }))

  t.true(Object.isFrozen(both))
  t.true(Object.isFrozen(both.provenance))
  t.is(both.id, full.toString())
  t.true(both.isCertified)
  t.deepEqual(both.provenance, [{ source: 'user' }, { source: 'certified' }])
})

test('peerOf() returns the last peer id of an address', t => {
  t.is(peerOf(bare), undefined)
  t.is(peerOf(full), PEER.toString())
  t.is(peerOf(multiaddr(`/ip4/203.0.113.1/tcp/1/p2p/${SELF.toString()}/p2p-circuit/p2p/${PEER.toString()}`)), PEER.toString())
})
