// the sources that an address was dialled for
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { candidate } from '../../src/pipeline/candidate.ts'
import { addr, MINUTE, newPeers, node } from './kit.ts'
import type { Node, NodeInit } from './kit.ts'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, other] = await newPeers(2) as [PeerId, PeerId]

async function started (init: NodeInit = {}): Promise<Node> {
  const made = node(init)
  await made.book.start()

  return made
}

/** Connects at an address that these sources named */
function dial ({ book, connect }: Node, sources: readonly string[], { address = addr(1), remoteAddr = address, isKnown = true }: { address?: Multiaddr, remoteAddr?: Multiaddr, isKnown?: boolean } = {}): Connection {
  const connection = connect(peer, remoteAddr)
  book.attempted(candidate(address, isKnown ? peer : undefined, { provenance: sources.map(source => ({ source })) }), 'connected', connection)

  return connection
}

function fromOf ({ book }: Node, at = 0): readonly string[] | undefined {
  return book.query(peer)[at]?.provenance.find(({ source }) => source === 'dialled')?.from
}

test('a dialled report lists the sources of its candidate, deduplicated and frozen', async t => {
  const made = await started()
  dial(made, ['dht', 'mdns', 'dht'])

  t.deepEqual(fromOf(made), ['dht', 'mdns'])
  t.true(Object.isFrozen(fromOf(made)))
})

test('the dialled report of a connection that the dialer did not make lists no sources', async t => {
  const made = await started()
  made.connect(peer, addr(1))
  made.book.attempted(candidate(addr(1), peer, { provenance: [{ source: 'dht' }] }), 'connected')
  t.deepEqual(made.book.query(peer)[0]?.provenance.map(({ source, from }) => [source, from]), [['dialled', undefined]])

  made.connect(other, addr(2), 'inbound')
  t.deepEqual(made.book.query(other).flatMap(({ provenance }) => provenance.map(({ from }) => from)), [undefined])
})

test('later dials add their sources to the dialled report, and dialled itself is not listed', async t => {
  const made = await started()
  dial(made, ['dht'])
  dial(made, ['dialled', 'user'])
  t.deepEqual(fromOf(made), ['dht', 'user'])

  dial(made, ['dialled'])
  made.book.recordDialled(peer, [addr(1)])
  t.deepEqual(fromOf(made), ['dht', 'user'])
})

test('a dialled report lists at most 16 sources', async t => {
  const sources = Array.from({ length: 17 }, (_, i) => `tracker-${i}`)

  for (const count of [16, 17]) {
    const made = await started()
    dial(made, sources.slice(0, count))
    t.deepEqual(fromOf(made), sources.slice(0, 16))
  }
})

test('the sources are stored for the connection\'s remote address, also when the dial did not know the peer', async t => {
  const made = await started()
  dial(made, ['user'], { address: multiaddr('/dns4/example.com/tcp/1'), remoteAddr: addr(1), isKnown: false })

  t.deepEqual(made.book.query(peer).map(({ multiaddr }) => String(multiaddr)), [String(addr(1))])
  t.deepEqual(fromOf(made), ['user'])
})

test('the sources of a dialled report outlive the reports that named them, and a restart', async t => {
  const datastore = new MemoryDatastore()
  const made = await started({ datastore })
  made.book.observe(peer, addr(1), { source: 'dht' })
  const connection = dial(made, ['dht'])
  made.disconnect(connection)
  await made.clock.advance(30 * MINUTE)
  t.deepEqual(made.book.query(peer)[0]?.provenance.map(({ source, from }) => [source, from]), [['dialled', ['dht']]])
  await made.book.stop()

  const later = await started({ datastore, clock: made.clock })
  t.deepEqual(fromOf(later), ['dht'])
  await later.book.stop()
})
