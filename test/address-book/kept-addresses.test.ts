import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { keptAddresses } from '../../src/address-book/peer-store-write.ts'
import { addr, newPeers } from './kit.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [peer, other] = await newPeers(2) as [any, any]
const whole = (n: number): Multiaddr => addr(n).encapsulate(`/p2p/${peer}`)

test('keptAddresses() returns stored addresses that the write omits and the predicate keeps, once each and uncertified', t => {
  const asked: string[] = []
  const stored = [addr(1), whole(2), addr(3), addr(4), whole(4), addr(5)].map(multiaddr => ({ multiaddr, isCertified: true }))
  const kept = keptAddresses(peer, { multiaddrs: [addr(2)], addresses: [{ multiaddr: whole(3), isCertified: false }] }, stored, text => {
    asked.push(text)

    return text !== `${addr(1)}`
  })

  t.deepEqual(kept.map(({ multiaddr, isCertified }) => `${multiaddr} ${isCertified}`), [`${addr(4)} false`, `${addr(5)} false`])
  t.deepEqual(asked, [`${addr(1)}`, `${addr(4)}`, `${addr(5)}`])
})

test('keptAddresses() keeps an address with another peer\'s id and drops an invalid multiaddr', t => {
  const foreign = multiaddr(`/ip4/45.0.0.1/tcp/1/p2p/${other}`)
  const stored = [{ multiaddr: foreign, isCertified: false }, { multiaddr: '/ip4/45.0.0.1/tcp/1' as any, isCertified: false }]
  t.deepEqual(keptAddresses(peer, {}, stored, () => true).map(({ multiaddr }) => multiaddr), [foreign])
})
