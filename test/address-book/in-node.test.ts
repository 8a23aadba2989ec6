import test from 'ava'
import { MemoryDatastore } from 'datastore-core'
import { addressBook } from '../../src/address-book/index.ts'
import { createMemoryNode } from '../helpers/node.ts'
import { addr, candidateOf, known } from './kit.ts'

test('a node\'s address book has its reports after a restart before the first dial, and hears of connections', async t => {
  const datastore = new MemoryDatastore()
  const remote = await createMemoryNode()
  const create = async (): ReturnType<typeof createMemoryNode<{ addressBook: ReturnType<ReturnType<typeof addressBook>> }>> => {
    return createMemoryNode({ datastore, listen: [], services: { addressBook: addressBook() } })
  }
  const [address] = remote.getMultiaddrs()
  const text = String(address?.decapsulate(`/p2p/${remote.peerId.toString()}`))

  const first = await create()
  const { events } = (first as unknown as { components: { events: EventTarget & { listenerCount (type: string): number } } }).components
  t.true(events.listenerCount('connection:open') > 0)
  first.services.addressBook.observe(remote.peerId, addr(1), { source: 'user' })
  await first.dial(address ?? [])
  t.deepEqual(known(first.services.addressBook, remote.peerId), { [addr(1).toString()]: ['user'], [text]: ['dialled'] })
  t.regex(first.services.addressBook.explain(remote.peerId), /connected/)
  await first.stop()
  t.is(events.listenerCount('connection:open') + events.listenerCount('connection:close'), 0)

  const second = await create()
  t.deepEqual(known(second.services.addressBook, remote.peerId), { [addr(1).toString()]: ['user'], [text]: ['dialled'] })
  t.notRegex(second.services.addressBook.explain(remote.peerId), /: .*, connected/)
  second.services.addressBook.attempted(candidateOf(remote.peerId, addr(1)), 'failed')
  t.deepEqual(second.services.addressBook.stats(), { user: { dialled: 1, answered: 0 } })
  await second.stop()
  await second.start()
  t.is(second.services.addressBook.query(remote.peerId).length, 2)
  await second.stop()
  await remote.stop()
})
