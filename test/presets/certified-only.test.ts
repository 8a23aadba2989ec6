import test from 'ava'
import { certifiedOnly } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { MIX, play } from './scene.ts'

const { tcp: signed, quic4: gossip, private: given } = MIX
const UNSIGNED = 'certified: not in a signed peer record'

test('certifiedOnly() dials certified addresses and drops others with the reason', async t => {
  has(t, await play(certifiedOnly(), { given: [given], stored: [gossip], certified: [signed], routed: [MIX.quic6] }), {
    dialled: [signed],
    dropped: { [given]: UNSIGNED, [gossip]: UNSIGNED },
    asked: 0
  })
})

test('certifiedOnly() dials the caller\'s address when it is certified', async t => {
  has(t, await play(certifiedOnly(), { given: [signed], certified: [signed] }), { dialled: [signed], dropped: {} })
})

test('certifiedOnly() fails when no address is certified', async t => {
  const { dialled, error } = await play(certifiedOnly(), { given: [given], stored: [gossip], routed: [MIX.quic6] })

  t.deepEqual(dialled, [])
  t.is(error?.name, 'NoValidAddressesError')
})

test('certifiedOnly() does not resolve a certified name', async t => {
  has(t, await play(certifiedOnly(), { certified: ['/dnsaddr/example.com', signed], names: { '/dnsaddr/example.com': [gossip] } }), {
    dialled: [signed],
    dropped: { '/dnsaddr/example.com': 'dialable: no transport' }
  })
})
