import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { staggered } from '../../presets/index.ts'
import { addressBook } from '../../src/address-book/index.ts'
import { dialling } from './kit.ts'
import { recordLogs } from './record-logs.ts'
import type { Pair } from 'interface-datastore'

test('a node of libp2p\'s default datastore logs once that what it keeps does not last', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline')
  const node = await dialling(t, staggered(), {
    logger,
    listen: [],
    services: { addressBook: addressBook({ persist: true }) },
    dialerInit: { history: { persist: true }, bans: { persist: true } }
  })
  t.is(lines.filter(line => line.includes('the datastore of this node is in memory')).length, 1)
  await node.stop()
})

test('a node whose datastore is in memory logs nothing where nobody has said that it keeps anything', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline')
  const node = await dialling(t, staggered(), { logger, listen: [], services: { addressBook: addressBook() } })
  t.deepEqual(lines.filter(line => line.includes('in memory')), [])
  await node.stop()
})

test('a node writes nothing of what it is told not to keep', async t => {
  const datastore = new MemoryDatastore()
  const node = await dialling(t, staggered(), { datastore, listen: [], services: { addressBook: addressBook({ persist: false }) }, dialerInit: { history: { persist: false }, bans: { persist: false } } })
  await node.services.dialer.ban('203.0.113.0/24', { for: Infinity })
  await node.stop()
  t.deepEqual([...datastore.query({ prefix: '/dial-pipeline/' }) as Iterable<Pair>], [])
})
