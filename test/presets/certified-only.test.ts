import test from 'ava'
import { certifiedOnly } from '../../presets/index.ts'
import { has } from '../helpers/has.ts'
import { MIX, play } from './scene.ts'

const { tcp: signed, quic4: gossip, private: given } = MIX
const UNSIGNED = 'certified: not in a signed peer record'

test('dials what the peer signed, and says why nothing else', async t => {
  has(t, await play(certifiedOnly(), { given: [given], stored: [gossip], certified: [signed], routed: [MIX.quic6] }), {
    dialled: [signed],
    dropped: { [given]: UNSIGNED, [gossip]: UNSIGNED },
    asked: 0
  })
})

test('an address that the caller passes is dialled if it is one of them', async t => {
  has(t, await play(certifiedOnly(), { given: [signed], certified: [signed] }), { dialled: [signed], dropped: {} })
})

test('fails rather than dial anything else', async t => {
  const { dialled, error } = await play(certifiedOnly(), { given: [given], stored: [gossip], routed: [MIX.quic6] })

  t.deepEqual(dialled, [])
  t.is(error?.name, 'NoValidAddressesError')
})

test('a signed name is not resolved', async t => {
  has(t, await play(certifiedOnly(), { certified: ['/dnsaddr/example.com', signed], names: { '/dnsaddr/example.com': [gossip] } }), {
    dialled: [signed],
    dropped: { '/dnsaddr/example.com': 'dialable: no transport' }
  })
})
