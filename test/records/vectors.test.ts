import { readFile } from 'node:fs/promises'
import test from 'ava'
import { peerIdFromString } from '@libp2p/peer-id'
import { openRecord } from '../../src/records/open-record.ts'
import { readPeerRecord } from '../../src/records/peer-record.ts'
import { opens, refuses, written } from './record-assertions.ts'

interface Vector {
  name: string
  envelopeHex?: string
  payloadHex?: string
  opensTo: { peerId?: string, seq?: string, addrs?: string[] }
}

const vectors = JSON.parse(await readFile(new URL('vectors/peer-records.json', import.meta.url), 'utf8')) as Vector[]

for (const { name, envelopeHex, opensTo: { peerId, seq, addrs } } of vectors) {
  if (envelopeHex == null) {
    continue
  }

  const bytes = Buffer.from(envelopeHex, 'hex')

  if (peerId == null) {
    test(`openRecord() refuses ${name} as wrong-type`, async t => {
      refuses(t, await openRecord(bytes), 'wrong-type')
    })
  } else {
    test(`openRecord() opens ${name}`, async t => {
      const record = opens(t, await openRecord(bytes, { expectedPeer: peerIdFromString(peerId) }))

      t.is(record.peerId.toString(), peerId)
      t.is(record.seq, BigInt(seq ?? ''))
      t.deepEqual(written(record), addrs)
      t.deepEqual(record.skipped, [])
        t.deepEqual(record.envelope, Uint8Array.from(bytes))
    })
  }
}

test('readPeerRecord() reads go-libp2p\'s record without an envelope', t => {
  const { payloadHex = '', opensTo } = vectors.find(({ name }) => name === 'go-record-payload-2addr') as Vector
  const { seq, addresses } = readPeerRecord(Buffer.from(payloadHex, 'hex'))

  t.is(seq, BigInt(opensTo.seq ?? ''))
  t.is(addresses.length, 2)
})
