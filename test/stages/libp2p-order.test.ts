import test from 'ava'
import { fc, testProp } from '@fast-check/ava'
import { circuitRelayAddressesLast, loopbackAddressLast, publicAddressesFirst, reliableTransportsFirst } from '@libp2p/utils'
import { candidate } from '../../src/pipeline/candidate.ts'
import { libp2pOrder } from '../../src/stages/libp2p-order.ts'
import { dose } from '../support/dose.ts'
import { address } from './addresses.ts'
import { cand, runStage, short } from '../testing/try-out.ts'
import { cands, onList } from './on-list.ts'
import type { Address, AddressSorter } from '@libp2p/interface'

/** Copy of libp2p's default, which it does not export (connection-manager/address-sorter.ts) */
function defaultAddressSorter <A extends Address> (addresses: readonly A[]): A[] {
  return addresses.toSorted((a, b) => loopbackAddressLast(a.multiaddr, b.multiaddr) ||
    publicAddressesFirst(a.multiaddr, b.multiaddr) ||
    circuitRelayAddressesLast(a.multiaddr, b.multiaddr) ||
    certifiedAddressesFirst(a, b) ||
    reliableTransportsFirst(a.multiaddr, b.multiaddr))
}

function certifiedAddressesFirst (a: Address, b: Address): -1 | 0 | 1 {
  return a.isCertified === b.isCertified ? 0 : a.isCertified ? -1 : 1
}

function portOf ({ multiaddr }: Address): number {
  return Number(multiaddr.getComponents()[1]?.value)
}

const candidates = fc.uniqueArray(fc.tuple(address, fc.boolean()), { selector: ([address]) => address.toString(), maxLength: 24 })
  .map(addresses => addresses.map(([multiaddr, isCertified]) => candidate(multiaddr, undefined, { isCertified })))

testProp('libp2pOrder() equals libp2p\'s default order for any addresses', [candidates], async (t, candidates) => {
  const { kept, dropped } = await onList(libp2pOrder(), candidates)

  t.deepEqual(kept, defaultAddressSorter(candidates).map(({ id }) => id))
  t.deepEqual(dropped, {})
}, { numRuns: dose(1_000) })

test('libp2pOrder() uses the node\'s addressSorter', async t => {
  const candidates = cands(['/ip4/8.8.8.8/tcp/1', '/ip4/127.0.0.1/tcp/2', '/ip4/8.8.4.4/udp/3/quic-v1'])
  const settings = { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 1, addressSorter: (a: Address, b: Address) => portOf(b) > portOf(a) ? 1 as const : -1 as const }

  t.deepEqual((await onList(libp2pOrder(), candidates, { settings })).kept, ['/ip4/8.8.4.4/udp/3/quic-v1', '/ip4/127.0.0.1/tcp/2', '/ip4/8.8.8.8/tcp/1'])
})

test('libp2pOrder() prefers its addressSorter option to the node\'s', async t => {
  const candidates = cands(['/ip4/8.8.8.8/tcp/2', '/ip4/127.0.0.1/tcp/1'])
  const settings = { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 1, addressSorter: () => 0 as const }
  const addressSorter: AddressSorter = (a, b) => portOf(a) > portOf(b) ? 1 : -1

  t.deepEqual((await onList(libp2pOrder({ addressSorter }), candidates, { settings })).kept, ['/ip4/127.0.0.1/tcp/1', '/ip4/8.8.8.8/tcp/2'])
})

test('libp2pOrder() equals libp2p\'s order for more address shapes than it caches', async t => {
  const many = Array.from({ length: 300 }, (_, i) => `/ip4/8.8.8.8/tcp/1${'/http'.repeat(i + 1)}`)
  const candidates = cands([...many, '/ip4/8.8.8.8/tcp/1', `/ip4/8.8.8.8/tcp/1${'/http'.repeat(301)}/ws`, '/ip4/8.8.8.8/tcp/1/ws'])

  t.deepEqual((await onList(libp2pOrder(), candidates)).kept, defaultAddressSorter(candidates).map(({ id }) => id))
})

test("libp2pOrder() with an addressSorter of the node that returns no number orders as libp2p does", async t => {
  const candidates = cands(['/ip4/8.8.8.8/tcp/2', '/ip4/127.0.0.1/tcp/1', '/ip4/8.8.4.4/tcp/3'])

  for (const addressSorter of [() => undefined, () => Number.NaN, async () => 1, (a: Address, b: Address) => portOf(a) > portOf(b)] as any[]) {
    const settings = { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 1, addressSorter }

    t.deepEqual((await onList(libp2pOrder(), candidates, { settings })).kept, candidates.toSorted(addressSorter).map(({ id }) => id))
  }
})

test("libp2pOrder() logs an addressSorter of the node that rejects, and keeps the order from above", async t => {
  // `any`: a wrong value on purpose, which the check at run time refuses
  const settings = { resolvers: {}, addressDialTimeout: 1, maxPeerAddrsToDial: 1, addressSorter: (async () => { throw new Error('no rating') }) as any }
  const trial = await runStage(t, libp2pOrder(), [cand(2), cand(1)], { ms: 0, components: () => ({ settings }) })

  t.is(short(trial.ids), '2 1')
  t.regex(String(trial.host.errors), /^the addressSorter of the node failed .*no rating/)
})

test("libp2pOrder() fails the dial when its addressSorter option returns no number", async t => {
  await t.throwsAsync(onList(libp2pOrder({ addressSorter: (() => true) as any }), cands(['/ip4/8.8.8.8/tcp/2', '/ip4/127.0.0.1/tcp/1'])), { name: 'InvalidStageOutputError' })
})
