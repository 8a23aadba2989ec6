import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { scene, stored } from './scene.ts'

const byUser = multiaddr('/dns4/example.com/tcp/1')
const byIdentify = multiaddr('/ip4/203.0.113.2/tcp/2')
const unattributed = multiaddr('/ip4/203.0.113.3/tcp/3')

test('a patch by identify removes addresses of unknown source, and keeps those of the user and of bootstrap', async t => {
  const { attribution, user, components, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify', isReportedByPeer: true })
  const configured = multiaddr('/ip4/203.0.113.9/tcp/9')

  await user.merge(peer, { multiaddrs: [byUser] })
  await attribution.view({ name: 'bootstrap', source: 'bootstrap' }).merge(peer, { multiaddrs: [configured] })
  await components.peerStore.merge(peer, { multiaddrs: [unattributed] })
  await identify.patch(peer, { addresses: [{ multiaddr: byIdentify, isCertified: true }], protocols: ['/x'] })

  t.deepEqual(await stored(user, peer), [`${byUser}`, `${configured}`, `${byIdentify}`].toSorted((a, b) => a.localeCompare(b)))
  t.deepEqual((await user.get(peer)).protocols, ['/x'])
})

test('an address that the user and identify both write is stored once, in the form that identify wrote', async t => {
  const { attribution, user, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify' })
  await user.merge(peer, { multiaddrs: [byUser.encapsulate(`/p2p/${peer}`)] })

  await identify.patch(peer, { multiaddrs: [byIdentify] })
  t.deepEqual(await stored(user, peer), [`${byUser}`, `${byIdentify}`])

  await identify.patch(peer, { addresses: [{ multiaddr: byUser, isCertified: true }] })

  t.deepEqual((await user.get(peer)).addresses.map(({ multiaddr, isCertified }) => [`${multiaddr}`, isCertified]), [[`${byUser}`, true]])
})

test('a patch by identify keeps an address whose source the application trusts as configuration', async t => {
  const { attribution, book, user, peer } = await scene()
  const [identify, tracker] = [{ name: 'identify', source: 'identify' }, { name: 'tracker', source: 'tracker' }].map(writer => attribution.view(writer))
  await tracker?.merge(peer, { multiaddrs: [byUser] })

  book.trust = new Map([['tracker', 'configured']])
  await identify?.patch(peer, { multiaddrs: [byIdentify] })
  t.deepEqual(await stored(user, peer), [`${byUser}`, `${byIdentify}`])

  book.trust = undefined
  await identify?.patch(peer, { multiaddrs: [byIdentify] })
  t.deepEqual(await stored(user, peer), [`${byIdentify}`])
})

test('a patch by identify does not restore an address that the user removed', async t => {
  const { attribution, user, peer } = await scene()
  const identify = attribution.view({ name: 'identify', source: 'identify' })

  await user.merge(peer, { multiaddrs: [byUser] })
  await user.patch(peer, { multiaddrs: [unattributed] })
  await identify.patch(peer, { multiaddrs: [byIdentify] })
  t.deepEqual(await stored(user, peer), [`${byIdentify}`, `${unattributed}`])

  await user.delete(peer)
  t.false(await user.has(peer))
  await identify.patch(peer, { multiaddrs: [byIdentify] })
  t.deepEqual(await stored(user, peer), [`${byIdentify}`])
})

test('user writes that run concurrently with writes by identify lose no address', async t => {
  for (let i = 0; i < 20; i++) {
    const { attribution, user, peer } = await scene()
    const identify = attribution.view({ name: 'identify', source: 'identify' })
    const mine = [0, 1, 2, 3].map(n => multiaddr(`/ip4/198.51.100.${n}/tcp/1`))

    await Promise.all(mine.flatMap(one => [
      identify.patch(peer, { multiaddrs: [byIdentify] }),
      user.merge(peer, { multiaddrs: [one] })
    ]))

    t.deepEqual(await stored(user, peer), [...mine, byIdentify].map(String).toSorted((a, b) => a.localeCompare(b)))
  }
})

test('a write to the peer store succeeds, and logs the error, when the address book throws', async t => {
  const { attribution, user, peer, errors } = await scene()
  const fail = (): never => { throw new Error('broken') }
  attribution.attributionLog.observer = { observe: fail, recordDialled: fail, recordWritten: fail, forget: fail, query: fail }

  await user.merge(peer, { multiaddrs: [byUser] })
  await attribution.view({ name: 'identify', source: 'identify' }).patch(peer, { multiaddrs: [byIdentify] })

  t.deepEqual(await stored(user, peer), [`${byIdentify}`])
  t.is(errors.length, 3)
})

test('writes to the peer store behave as libp2p\'s when there is no address book', async t => {
  const { attribution, user, peer } = await scene()
  attribution.attributionLog.observer = undefined

  await user.merge(peer, { multiaddrs: [byUser] })
  await attribution.view({ name: 'identify', source: 'identify' }).patch(peer, { multiaddrs: [byIdentify] })

  t.deepEqual(await stored(user, peer), [`${byIdentify}`])
})
