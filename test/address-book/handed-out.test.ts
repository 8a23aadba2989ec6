// the sources of addresses that the node returns
import test from 'ava'
import { SourceTags } from '../../src/address-book/attribution/source-tags.ts'
import { addr, known, newPeers, node } from './kit.ts'
import { nodeWithStore } from './node-with-store.ts'
import type { PeerId } from '@libp2p/interface'

const [peer] = await newPeers(1) as [PeerId]

for (const [what, provenance, isKnown, source] of [
  ['that a router has found', [{ source: 'routing' }], false, 'routing'],
  ['that a router has found and the book has', [{ source: 'routing' }], true, 'tracker'],
  ['that a record has certified', [{ source: 'certified' }, { source: 'pubsub' }], false, 'pubsub'],
  ['that was dialled and that nobody else has named', [{ source: 'dialled' }], false, 'peer-store'],
  ['that nobody has named', [], false, 'peer-store'],
  ['that the user gave', [{ source: 'user' }, { source: 'dht' }], false, undefined]
] as const) {
  test(`handOut() marks an address ${what} with ${source ?? 'no source'}`, t => {
    const { book } = node()

    if (isKnown) {
      book.observe(peer, addr(1), { source: 'tracker' })
    }

    const multiaddr = addr(1)
    book.handOut({ multiaddr, provenance }, peer)
    t.is(book.reportsOf(multiaddr, `${peer}`)?.provenance[0]?.source, source)
  })
}

test('reportsOf() of an address that handOut() marked before the book knew it lists both sources', t => {
  const { book } = node()
  const multiaddr = addr(1)
  book.handOut({ multiaddr, provenance: [{ source: 'routing' }] }, peer)
  book.observe(peer, addr(1), { source: 'tracker' })
  t.deepEqual(book.reportsOf(multiaddr, `${peer}`)?.provenance.map(({ source }) => source), ['tracker', 'routing'])
  const [known] = book.query(peer)
  t.deepEqual(known == null ? undefined : book.reportsOf(known.multiaddr, `${peer}`)?.provenance.map(({ source }) => source), ['tracker'])
})

test('the book ignores deletions in the peer store when it is told of writes by attribution', async t => {
  for (const isAttributed of [true, false]) {
    const { book, peerStore } = nodeWithStore()

    if (isAttributed) {
      book.attribute(new SourceTags())
    }

    t.is(book.isAttributed, isAttributed)
    await book.start()
    book.observe(peer, addr(1), { source: 'dht' })
    await peerStore.delete(peer)
    t.deepEqual(known(book, peer), isAttributed ? { [`${addr(1)}`]: ['dht'] } : {})
    await book.stop()
  }
})

test('trust returns the trust option as a map, or undefined', t => {
  t.deepEqual(node({ trust: { tracker: 'configured' } }).book.trust, new Map([['tracker', 'configured']]))
  t.is(node().book.trust, undefined)
})
