import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { lookup } from '../../src/stages/index.ts'
import { fails, tap } from '../contract/tap.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { HOUR, isLetIn, scene } from './banning.ts'
import { addressesOf } from './kit.ts'
import type { Tap } from '../contract/tap.ts'
import type { ExecutionContext } from 'ava'

/** A CID of a peer, as in an AutoTLS name */
const CID = (await newPeer()).toCID().toString()

/** A banning node whose transport only records what it is told to dial */
async function recording (t: ExecutionContext, pipeline = staggered(), dns: any = { query: async () => ({ Answer: [] }) }): Promise<Awaited<ReturnType<typeof scene>> & { wire: Tap }> {
  const wire = tap(fails, () => true)

  return { ...await scene(t, () => pipeline, { dns, listen: [], transports: [wire.transport] }), wire }
}

for (const [what, how, target, hosts, rest] of [
  ['IPv4 address', 'in any spelling', '198.41.0.0/24', ['/ip4/198.41.0.4', '/ip6/::ffff:198.41.0.4', '/ip6/::198.41.0.4', '/ip6/64:ff9b::c629:4', '/ip6/2002:c629:4::1', '/dns4/0xc6290004', '/dns4/198.41.4', '/dns6/::ffff:198.41.0.4'], '/tcp/1'],
  ['IPv4 address', 'as an AutoTLS name', '198.41.0.0/24', [`/dns4/198-41-0-4.${CID}.libp2p.direct`, `/dns6/2002-c629-4-0-0--1.${CID}.libp2p.direct`], '/tcp/1/tls/ws'],
  ['IPv4 address', 'as the SNI of a WebSocket', '198.41.0.0/24', [`/ip4/5.6.7.8/tcp/1/tls/sni/198-41-0-4.${CID}.libp2p.direct`, '/ip4/5.6.7.8/tcp/1/tls/sni/198.41.0.4'], '/ws'],
  ['name', 'in any spelling', '/dns4/bücher.example', ['/dns4/xn--bcher-kva.example', '/dns/BÜCHER.example..', '/dns6/b%C3%BCcher.ex%61mple', '/dns4/ｂücher.example'], '/tcp/1/ws'],
  ['name', 'as the SNI of a WebSocket', '/dns4/victim.example', ['/ip4/5.6.7.8/tcp/1/tls/sni/Victim.example'], '/ws'],
  ['AutoTLS name', 'over a WebSocket', `/dns4/198-41-0-4.${CID}.libp2p.direct`, [`/dns4/198-41-0-4.${CID}.libp2p.direct`], '/tcp/1/tls/ws']
] as const) {
  test(`a banned ${what} is not dialled ${how}`, async t => {
    const { node, dialer, peer, wire } = await recording(t)
    await dialer.ban(target, { for: HOUR })

    for (const host of hosts) {
      const address = multiaddr(`${host}${rest}/p2p/${peer.peerId}`)
      t.false(await node.isDialable(address), host)
      await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: message => message.includes(`${target} is banned until 2026`) }, host)
    }

    t.deepEqual(wire.addresses, [])
  })
}

for (const [record, target, data, pipeline] of [
  [1, '/dns4/victim.example.com', '198.41.0.4', staggered().after('resolve', lookup())],
  [16, '/dnsaddr/victim.example', 'dnsaddr=/ip4/198.41.0.4/tcp/1', staggered()]
] as const) {
  test(`an IP address that a banned name resolves to is not dialled: ${target}`, async t => {
    const asked: string[] = []
    const { node, dialer, peer, wire } = await recording(t, pipeline, { query: async (name: string) => {
      asked.push(name)

      return { Answer: [{ name, type: record, TTL: 1, data }] }
    } })
    await dialer.ban(target, { for: HOUR })
    const address = multiaddr(`${target}/tcp/1/p2p/${peer.peerId}`)
    t.false(await node.isDialable(address))
    await t.throwsAsync(node.dial(address), { name: 'DialDeniedError', message: /victim\.example\S* is banned until 2026/ })
    t.deepEqual([...asked, ...wire.addresses], [])
  })
}

for (const target of ['/dns4/0x7f.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '127.0.0.0/8']) {
  test(`a ban of ${target} refuses inbound connections from it, and sever closes open ones`, async t => {
    const { node, dialer, peer } = await scene(t)
    await node.dial(addressesOf(peer))
    await dialer.ban(target, { for: HOUR, sever: true })
    t.deepEqual(node.getConnections(), [])
    t.false(await isLetIn(peer, node))
    t.true(dialer.bans.remove(target))
    t.true(await isLetIn(peer, node))
  })
}
