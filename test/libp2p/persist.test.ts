import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { staggered } from '../../presets/index.ts'
import { addressBook } from '../../src/address-book/index.ts'
import { dialling } from './kit.ts'
import { recordLogs } from './record-logs.ts'
import type { Pair } from 'interface-datastore'

test('persisting into libp2p\'s default datastore logs once that nothing survives a restart', async t => {
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

test('an in-memory datastore is not logged when nothing sets persist', async t => {
  const { logger, lines } = recordLogs('libp2p:dial-pipeline')
  const node = await dialling(t, staggered(), { logger, listen: [], services: { addressBook: addressBook() } })
  t.deepEqual(lines.filter(line => line.includes('in memory')), [])
  await node.stop()
})

test('with persist: false nothing is written', async t => {
  const datastore = new MemoryDatastore()
  const node = await dialling(t, staggered(), { datastore, listen: [], services: { addressBook: addressBook({ persist: false }) }, dialerInit: { history: { persist: false }, bans: { persist: false } } })
  await node.services.dialer.ban('203.0.113.0/24', { for: Infinity })
  await node.stop()
  t.deepEqual([...datastore.query({ prefix: '/dial-pipeline/' }) as Iterable<Pair>], [])
})
