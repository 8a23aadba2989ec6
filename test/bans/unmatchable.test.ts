import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { Bans } from '../../src/bans/bans.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import type { BanTarget } from '../../src/bans/target.ts'

const peer = await newPeer()
const bans = (): Bans => new Bans(new VirtualClock(0))

function refuses (target: BanTarget, reason: string): void {
  test(`add() throws for ${typeof target === 'string' ? '' : 'the multiaddr '}${target.toString()}, which matches nothing, and says what to write`, t => {
    const all = bans()
    const { message } = t.throws(() => all.add(target, 1_000), { name: 'InvalidParametersError' })

    t.true(message.startsWith('Cannot ban '), message)
    t.true(message.endsWith(reason), message)
    t.deepEqual(all.list(), [])

    for (const [, instead] of reason.matchAll(/'(.+?)'/g)) {
      t.notThrows(() => all.add(instead as string, 1_000), instead)
    }
  })
}

for (const text of ['/dns4/*.localhost', '/dns4/*.bad.example/tcp/443', '/dnsaddr/*.bad.example', '/ip4/203.0.113.5/tcp/443/tls/sni/*.bad.example']) {
  refuses(text, ': there are no wildcards')
}

refuses(multiaddr('/dns4/*.localhost'), ': there are no wildcards')

for (const begin of ['/tcp/4001', '/udp/4001/quic-v1', '/ws', '/wss', '/tls/ws', '/quic', '/quic-v1/webtransport', '/webtransport', '/noise', '/p2p-circuit', `/p2p-circuit/p2p/${peer}`, '/webrtc-direct', '/sni/bad.example', '/http', '/https', '/ipcidr/24', '/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjLa2R_RF71v86aVxlqdKNOQ']) {
  const reason = `: no address begins with /${begin.split('/')[1]}: a host stands first, as in '/ip4/203.0.113.5/tcp/4001'`
  refuses(begin, reason)
  refuses(multiaddr(begin), reason)
}

for (const range of ['/ip4/203.0.113.0/ipcidr/24/tcp/4001', '/ip4/203.0.113.0/tcp/4001/ipcidr/24']) {
  refuses(range, ': a range is of whole IP addresses, as \'203.0.113.0/24\'')
}

refuses('/dns4/a?.bad.example', ': no host name has "?" in it')

// the listener of @libp2p/webrtc reports the remote address /webrtc/p2p/<peer> for inbound connections
for (const target of ['/memory/1', '/unix/tmp%2F*.sock', `/p2p/${peer}/p2p-circuit`, '/webrtc', '/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234', '/ip6zone/eth0/ip6/fe80::1/tcp/1', '/dns/bad.example/tcp/1', '/dnsaddr/bad.example']) {
  test(`add() accepts ${target.replace(peer.toString(), '<peer>')}`, t => {
    t.notThrows(() => bans().add(target, 1_000))
  })
}

test('add() accepts an address whose name has a "*"', t => {
  const all = bans()
  const address = multiaddr(`/dns4/*.bad.example/tcp/443/tls/ws/p2p/${peer}`)
  all.add(address, 1_000)
  t.not(all.reasonFor(address), undefined)
})

test('restore() accepts a ban that matches nothing, and remove() removes it', t => {
  const all = bans()

  for (const target of ['/tcp/4001', '/dns4/*.localhost']) {
    t.notThrows(() => all.restore({ target, since: 0, until: Infinity }))
    t.true(all.remove(target))
  }
})
