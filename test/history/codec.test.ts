import test from 'ava'
import { LogMean } from '../../src/history/statistics.ts'
import { codecs, VERSION } from '../../src/history/codec.ts'
import { encodeRecord } from '../../src/datastore/record-format.ts'
import { AddressRecord, GroupRecord, KindRecord, LONG, PeerRecord } from '../../src/history/records.ts'

const NOTHING = [0, 0, 0]

test('empty records are encoded as zeros', t => {
  t.deepEqual(codecs.addresses.encode(new AddressRecord()), [NOTHING, NOTHING, null, null, 0, 0, 0, null])
  t.deepEqual(codecs.peers.encode(new PeerRecord()), [NOTHING, 0, 0, []])
  t.deepEqual(codecs.prefixes.encode(new GroupRecord()), [NOTHING, null])
  t.deepEqual(codecs.classes.encode(new GroupRecord()), [NOTHING, null])
  t.deepEqual(codecs.sources.encode(new GroupRecord(LONG)), NOTHING)
  t.deepEqual(codecs.kinds.encode(new KindRecord()), [NOTHING, []])
})

test('records are decoded to the encoded values, rounded to four digits and whole milliseconds', t => {
  const address = new AddressRecord()
  address.outcomes.add(1 / 3, 2 / 3, 1_000.4)
  address.propagated.add(1, 1 / 7, 2_000.4)
  Object.assign(address, { roundTrip: new LogMean(4.5, 1 / 3, 3), connect: new LogMean(5.5, 0.25, 2), failures: 3, connections: 2, failedAt: 3_000.4, failure: 'silent' })
  const written = codecs.addresses.encode(address)
  t.deepEqual(written, [[0.3333, 0.6667, 1_000], [1, 0.1429, 2_000], [4.5, 0.3333, 3], [5.5, 0.25, 2], 3, 2, 3_000, 'silent'])
  t.deepEqual(codecs.addresses.encode(codecs.addresses.decode(written, 10_000)), written)

  const peer = new PeerRecord()
  peer.online.add(1, 2, 1_000)
  peer.makeClass('tcp public 4').add(3, 4, 2_000)
  Object.assign(peer, { connections: 5, connectedAt: 3_000.4 })
  const ofPeer = codecs.peers.encode(peer)
  t.deepEqual(ofPeer, [[1, 2, 1_000], 5, 3_000, [['tcp public 4', [3, 4, 2_000]]]])
  t.deepEqual(codecs.peers.encode(codecs.peers.decode(ofPeer, 10_000)), ofPeer)

  const group = new GroupRecord()
  group.outcomes.add(1, 2, 1_000)
  group.roundTrip = new LogMean(4.5, 0.5, 3)
  const ofGroup = codecs.prefixes.encode(group)
  t.deepEqual(ofGroup, [[1, 2, 1_000], [4.5, 0.5, 3]])
  t.deepEqual(codecs.prefixes.encode(codecs.prefixes.decode(ofGroup, 10_000)), ofGroup)

  const source = new GroupRecord(LONG)
  source.outcomes.add(1, 2, 1_000)
  t.deepEqual(codecs.sources.encode(codecs.sources.decode(codecs.sources.encode(source), 10_000)), [1, 2, 1_000])

  const kind = Object.assign(new KindRecord(), { silent: new Set(['a', 'b']) })
  kind.outcomes.add(1, 2, 1_000)
  t.deepEqual(codecs.kinds.encode(codecs.kinds.decode(codecs.kinds.encode(kind), 10_000)), [[1, 2, 1_000], ['a', 'b']])
})

test('times in the future are decoded as now', t => {
  const address = codecs.addresses.decode([[1, 1, 9_000], [1, 1, 9_000], null, null, 1, 1, 9_000, 'silent'], 5_000)
  t.deepEqual([address.outcomes.at, address.propagated.at, address.failedAt], [5_000, 5_000, 5_000])
  const peer = codecs.peers.decode([[1, 1, 9_000], 1, 9_000, [['tcp public 4', [1, 1, 9_000]]]], 5_000)
  t.deepEqual([peer.online.at, peer.connectedAt, peer.classes[0]?.at], [5_000, 5_000, 5_000])
})

test('the stored format is version 2', t => {
  t.is(encodeRecord(VERSION, 'key', [])[0], 2)
})
