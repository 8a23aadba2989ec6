import { dns, RecordType } from '@multiformats/dns'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, certifiedOnly } from '../../presets/index.ts'
import { addressBook, withProvenance } from '../../src/address-book/index.ts'
import { dialer } from '../../src/index.ts'
import { lookup } from '../../src/stages/index.ts'
import { createNode } from '../helpers/node.ts'
import { addressesOf, listening } from './kit.ts'
import type { DialPipeline } from '../../src/index.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** A listener to which all names resolve, and a node that records each DNS query */
async function scene (t: ExecutionContext, dialPipeline: DialPipeline) {
  const remote = await listening(t)
  const [address] = addressesOf(remote)
  const queries: string[] = []
  const answering = dns({
    resolvers: {
      '.': async (name, { types } = {}) => {
        const [type = RecordType.A] = [types ?? []].flat()
        queries.push(`${RecordType[type]} ${name}`)

        return { Question: [], Answer: [{ name, type, TTL: 60, data: type === RecordType.TXT ? `dnsaddr=${address.toString()}` : '127.0.0.1' }] } as any
      }
    }
  })
  const node = await createNode(withProvenance({ dns: answering, services: { addressBook: addressBook(), dialer: dialer(dialPipeline) } }))
  t.teardown(async () => { await node.stop() })
  const name = multiaddr(`/dnsaddr/peer.example.com/p2p/${remote.peerId.toString()}`)

  return { remote, node, queries, name, port: portOf(address) }
}

function portOf (address: Multiaddr): string {
  return address.getComponents().find(({ name }) => name === 'tcp')?.value ?? ''
}

for (const [from, told, policy] of [['the DHT', 'dht', ['user']], ['mDNS', 'mdns', ['certified']]] as const) {
  test(`a dial with { provenance: ['${policy[0]}'] } sends no DNS query for a name from ${from}`, async t => {
    const { remote, node, queries, name } = await scene(t, adaptive().after('resolve', lookup()))
    node.services.addressBook.observe(remote.peerId, [name, multiaddr('/dns4/host.example.com/tcp/1')], { source: told })

    await t.throwsAsync(node.dial(remote.peerId, { provenance: [...policy] }), { message: /dropped by resolve: from .*dropped by lookup: from / })
    t.deepEqual(queries, [])
  })
}

test('a dial with the option provenance resolves the names of accepted sources', async t => {
  const { node, queries, name } = await scene(t, adaptive())

  t.is((await node.dial(name, { provenance: ['user'] })).status, 'open')
  t.deepEqual(queries, ['TXT _dnsaddr.peer.example.com'])
})

test('certifiedOnly() resolves no name', async t => {
  const { node, queries, name } = await scene(t, certifiedOnly())

  await t.throwsAsync(node.dial(name), { name: 'NoValidAddressesError' })
  t.deepEqual(queries, [])
})

test('lookup() resolves a host with the node\'s dns, and the transport dials the IP address', async t => {
  const { remote, node, queries, port } = await scene(t, adaptive().after('resolve', lookup()))
  const { remoteAddr } = await node.dial(multiaddr(`/dns4/peer.example.com/tcp/${port}/p2p/${remote.peerId.toString()}`))

  t.is(remoteAddr.getComponents()[0]?.value, '127.0.0.1')
  t.deepEqual(queries, ['A peer.example.com'])
})

test('plan() and isDialable() look up the addresses behind a DNS name', async t => {
  const { node, queries, name } = await scene(t, adaptive())

  await node.services.dialer.plan(name)
  t.true(await node.isDialable(multiaddr(name.toString().replace('peer.', 'other.'))))
  t.deepEqual(queries, ['TXT _dnsaddr.peer.example.com', 'TXT _dnsaddr.other.example.com'])
})
