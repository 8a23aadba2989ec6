// each change of a book is in the datastore one second later, even if the process then ends
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { candidate } from '../../src/pipeline/candidate.ts'
import { sealRecord } from '../../src/records/seal-record.ts'
import { addr, addrs, candidateOf, HOUR, MINUTE, newKey, newPeers, node, SECOND } from './kit.ts'
import type { Node } from './kit.ts'
import type { Pin } from '../../src/address-book/index.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Pair } from 'interface-datastore'

const { key, peer } = await newKey()
const [other, reporter] = await newPeers(2) as [PeerId, PeerId]
const [first, newer, empty] = await Promise.all([[1n, addrs(20, 22)], [2n, addrs(21, 23)], [3n, []]].map(async ([seq, multiaddrs]) => sealRecord(key, { seq, multiaddrs } as any))) as [Uint8Array, Uint8Array, Uint8Array]

interface Made extends Node {
  /** Connection to `other`, at the second address */
  readonly connection: Connection
  /** Pin of the seventh address of `peer` */
  readonly pin: Pin
}

const CHANGES: Record<string, (made: Made) => unknown> = {
  'a report that is made again': ({ book }) => book.observe(peer, addr(1), { source: 'dht', reporter }),
  'a report that is made again for a longer time': ({ book }) => book.observe(peer, addr(1), { source: 'mine', ttl: 5 * HOUR }),
  'a report of another source': ({ book }) => book.observe(peer, addr(1), { source: 'identify' }),
  'a report of another address': ({ book }) => book.observe(peer, addr(9), { source: 'dht' }),
  'a report that replaces': ({ book }) => book.observe(peer, addr(2), { source: 'dht', reporter, replaces: true }),
  'a report that replaces by none': ({ book }) => book.observe(peer, [], { source: 'dht', reporter, replaces: true }),
  'reports of a source that are removed': ({ book }) => book.removeReports('dht'),
  'reports of a source that are removed for one address': ({ book }) => book.removeReports('dht', { peer, multiaddr: addr(1) }),
  'a peer that is forgotten': ({ book }) => { book.forget(peer) },
  'a peer that is forgotten but for one address': ({ book }) => { book.forget(peer, { except: [addr(2)] }) },
  'an address at which another peer answers': ({ book }) => { book.invalidate(peer, addr(1)) },
  'hearsay that has answered': ({ book }) => { book.attempted(candidateOf(peer, addr(1)), 'connected') },
  'for whose word an address was dialled': ({ book, connection }) => { book.attempted(candidate(addr(2), other, { provenance: [{ source: 'dht' }] }), 'connected', connection) },
  'a record that is heard again': async ({ book }) => book.consumeRecord(first),
  'a newer record': async ({ book }) => book.consumeRecord(newer),
  'the number of a record without addresses': async ({ book }) => book.consumeRecord(empty),
  'the number of a record whose reports are removed': ({ book }) => book.removeReports('certified'),
  'a report that has expired': async ({ clock }) => clock.advance(3 * MINUTE),
  'a connection that opens': ({ connect }) => { connect(peer, addr(1)) },
  'a connection that a peer has opened': ({ connect }) => { connect(peer, addr(5), 'inbound') },
  'a connection that closes': ({ disconnect, connection }) => { disconnect(connection) },
  'one of two connections that closes': async ({ clock, connect, disconnect }) => {
    const second = connect(other, addr(3))
    await clock.advance(HOUR)
    disconnect(second)
  },
  'a pin': ({ book }) => book.owner('pinner').pin(peer, { addresses: [addr(8)] }),
  'a pin that is renewed': ({ pin }) => pin.renew(3 * HOUR),
  'a pin that is released': ({ pin }) => { pin.release() }
}

for (const [what, change] of Object.entries(CHANGES)) {
  test(`the book has the same content after a crash as before: ${what}`, async t => {
    const datastore = new MemoryDatastore()
    const running = node({ datastore })
    const { book, clock, connect } = running
    await book.start()
    book.observe(peer, addrs(1, 3), { source: 'dht', reporter })
    book.observe(peer, addr(1), { source: 'mine', ttl: HOUR })
    book.observe(peer, addr(4), { source: 'user' })
    book.observe(other, addr(2), { source: 'mine', ttl: 100 * HOUR })
    await book.consumeRecord(first)
    const connection = connect(other, addr(2))
    const pin = book.owner('pinner').pin(peer, { addresses: [addr(7)], ttl: 2 * HOUR })
    await clock.advance(SECOND)
    const before = pairs(datastore)
    await change({ ...running, connection, pin })
    await clock.advance(SECOND)
    const crashed = pairs(datastore)
    t.notDeepEqual(crashed, before)

    // the connections of a killed node end when it starts again
    await book.stop()
    const again = node({ datastore: datastoreOf(crashed), clock })
    await again.book.start()

    for (const one of [peer, other]) {
      t.deepEqual(again.book.query(one), book.query(one))
      t.deepEqual(again.book.records(one), book.records(one))
      t.is(again.book.minSeq(one), book.minSeq(one))
    }

    await again.book.stop()
  })
}

function pairs (datastore: MemoryDatastore): Pair[] {
  return [...datastore.query({}) as Iterable<Pair>]
}

function datastoreOf (pairs: readonly Pair[]): MemoryDatastore {
  const datastore = new MemoryDatastore()
  pairs.forEach(({ key, value }) => { void datastore.put(key, value) })

  return datastore
}
