// the printed error alone shows why each address failed
import { inspect } from 'node:util'
import { queryObjects } from 'node:v8'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive, staggered } from '../../presets/index.ts'
import { DialRun } from '../../src/dialer/dials/dial-run.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, listening, mute } from './kit.ts'

const presets = { adaptive, staggered }

for (const [name, preset] of Object.entries(presets)) {
  test(`${name}: the error names each of six causes`, async t => {
    const [closed, hole, other, peer] = await Promise.all([refused(), mute(t), listening(t), newPeer()])
    const denied = multiaddr('/ip4/127.0.0.1/tcp/9')
    const node = await dialling(t, preset(), {
      connectionManager: { addressDialTimeout: 1_000, resolvers: { dnsaddr: { canResolve: ma => ma.toString().startsWith('/dnsaddr/'), resolve: async () => { throw new Error('queryTxt ENOTFOUND') } } } },
      connectionGater: { denyDialMultiaddr: one => one.toString().startsWith(`${denied}/`) }
    })
    const addresses = [closed.multiaddr, hole.multiaddr, addressesOf(other)[0].decapsulate('/p2p'), denied, multiaddr('/ip4/127.0.0.1/udp/4001/quic-v1'), multiaddr('/dnsaddr/nowhere.example')]
    const error = await t.throwsAsync(node.dial(addresses.map(one => one.encapsulate(`/p2p/${peer}`)), { signal: new AbortController().signal }), { instanceOf: AggregateError })
    const printed = inspect(error)
    const [first = ''] = printed.split('\n')

    t.true(first.startsWith(`AggregateError: All multiaddr dials failed for ${peer}: `), first)

    // explain() names each cause in the same words
    const explained = node.services.dialer.explain(error, { width: 300 })

    for (const [i, why] of ['refused', 'connected, then silent: ended after \\d+ ms', 'answered by another peer'].entries()) {
      t.regex(first, new RegExp(`${addresses[i]} ${why}`))
      t.regex(explained, new RegExp(`${addresses[i]} .*failed: ${why}`))
    }

    t.regex(first, new RegExp(`1 dropped by gater: denied by .* \\(${denied}\\)`))
    t.regex(first, new RegExp(`1 no transport \\(${addresses[4]}\\)`))
    t.regex(first, new RegExp(`1 dropped by resolve: .* \\(${addresses[5]}\\)`))
    // the first line of each inner error's stack names its address
    error?.errors.slice(0, 3).forEach((one, i) => { t.regex(String(one.stack).split('\n')[0] ?? '', new RegExp(`${addresses[i]}|127.0.0.1`)) })
    t.is((error as any).trace.candidates.length, 6)
    t.notRegex(printed, /candidates/)
    t.is(node.services.dialer.explain(error).split(/\n(?! {4})/).length, 2 + 2 + 6, node.services.dialer.explain(error))
  })

  test(`${name}: the error names a peer store that throws, alone and beside a failed address`, async t => {
    const [node, closed, peer] = await Promise.all([dialling(t, preset()), refused(), newPeer()])
    const { peerStore } = node as any
    peerStore.get = async () => { throw new Error('disk is full') }

    const alone = await t.throwsAsync(node.dial(peer), { name: 'NoValidAddressesError' })
    t.regex(alone?.message ?? '', new RegExp(`^The dial request has no valid addresses for peer: ${peer} \\(from-[a-z-]+ failed: disk is full`))

    const beside = await t.throwsAsync(node.dial(closed.multiaddr.encapsulate(`/p2p/${peer}`)))
    t.regex(inspect(beside), new RegExp(`ECONNREFUSED.*${closed.port}`))
  })

  test(`${name}: the error says that the only address has no transport`, async t => {
    const [node, peer] = await Promise.all([dialling(t, preset()), newPeer()])
    await t.throwsAsync(node.dial(multiaddr(`/ip4/127.0.0.1/udp/4001/quic-v1/p2p/${peer}`)), { name: 'NoValidAddressesError', message: new RegExp(`${peer} \\(1 no transport \\(/ip4/127\\.0\\.0\\.1/udp/4001/quic-v1\\)`) })
  })
}

test('explain() accepts a peer id, an address, a connection and an error', async t => {
  const [node, remote, closed] = await Promise.all([dialling(t, staggered()), listening(t), refused()])
  const { dialer } = node.services
  const connection = await node.dial(addressesOf(remote))
  const error = await node.dial(closed.multiaddr).catch((err: Error) => err) as Error

  for (const subject of [remote.peerId, addressesOf(remote)[0], addressesOf(remote)[0].decapsulate('/p2p'), connection]) {
    t.regex(dialer.explain(subject), /connected in \d+ ms[^]*CONNECTED/)
  }

  for (const subject of [closed.multiaddr, error, undefined]) {
    t.regex(dialer.explain(subject), /failed after \d+ ms[^]*failed: /)
  }

  t.is(dialer.explain(new Error('mine')), 'no dial of the error "mine" is known')
})

test.serial('traces retain neither runs nor connections', async t => {
  const [node, remote, closed] = await Promise.all([dialling(t, adaptive()), listening(t), refused()])
  const connection = await node.dial([closed.multiaddr.encapsulate(`/p2p/${remote.peerId}`), ...addressesOf(remote)])
  await connection.close()
  await node.dial(closed.multiaddr).catch(() => {})
  await new Promise(resolve => { setTimeout(resolve, 50) })

  t.is(node.services.dialer.traces().length, 2)
  t.is(queryObjects(DialRun, { format: 'count' }), 0)
})
