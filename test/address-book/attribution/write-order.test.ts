import test from 'ava'
import { a, b, scene, stored } from './scene.ts'

test('a read sees a write that began before, as in libp2p\'s peer store', async t => {
  const { identify, user, peer, other } = await scene()
  void user.merge(peer, { multiaddrs: [a] })
  t.deepEqual(await stored(identify, peer), [`${a}`])
  void identify.patch(peer, { multiaddrs: [b] })
  t.deepEqual(await stored(user, peer), [`${a}`, `${b}`])
  void user.merge(other, { multiaddrs: [a] })
  t.true(await identify.has(other))
})

test('writes that begin one after another take effect in that order, with and without addresses', async t => {
  const { user, peer } = await scene()
  const saved = user.save(peer, { multiaddrs: [a] })
  const tagged = user.merge(peer, { tags: { 'keep-alive': {} } })
  await Promise.all([saved, tagged])
  t.deepEqual([...(await user.get(peer)).tags.keys()], ['keep-alive'])
})

test('an address that is written while the peer is being deleted keeps its source', async t => {
  const { user, book, peer } = await scene()
  await user.merge(peer, { multiaddrs: [a] })
  const deleted = user.delete(peer)
  await user.merge(peer, { multiaddrs: [b] })
  await deleted

  t.deepEqual(await stored(user, peer), [`${b}`])
  t.deepEqual(book.lines, [`${b} user`])
})

test('the book already has an address when the listeners of peer:update run', async t => {
  const { user, book, peer, events } = await scene()
  const heard: string[][] = []
  events.addEventListener('peer:update', () => { heard.push(book.lines) })

  await user.merge(peer, { multiaddrs: [a] })

  t.deepEqual(heard, [[`${a} user`]])
})
