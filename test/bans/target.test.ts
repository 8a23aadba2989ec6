import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { newPeer } from '../helpers/signing-peer.ts'
import { scene } from './scene.ts'
import type { BanTarget } from '../../src/bans/target.ts'

const peer = await newPeer()

for (const target of ['203.0.113', '*.bad.example', '*.0.113.5', '203.*.113.5', '203.0.*', '256.0.113.*', 'a:b@c', '203.0.113.0/33', '203.0.113.256', '0313.0.0161.05', '3405803781', '2001:db8::g', '/ip4/203.0.113', '/ip4', '/p2p/nobody', '203.0.113.0/24/24', '2001:db8::/129', 'names.example/24', '', '/24', peer.toString().slice(0, -1), multiaddr('/'), multiaddr('/p2p/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'), undefined, null, 7, {}, ['203.0.113.0/24'], Promise.reject(new Error('nobody'))]) {
  test(`refuses to ban ${JSON.stringify(target) ?? 'nothing'}${target instanceof Promise ? ', a promise' : ''}`, t => {
    const { bans } = scene()
    t.throws(() => bans.add(target as BanTarget, 1_000), { name: 'InvalidParametersError', message: /^Cannot ban .+: not a peer id, multiaddr, IP address or CIDR range$/ })
    t.throws(() => bans.remove(target as BanTarget), { name: 'InvalidParametersError', message: /^Cannot remove the ban of .+: not a peer id, multiaddr, IP address or CIDR range$/ })
    t.deepEqual(bans.list(), [])
  })
}

for (const [target, meant] of [
  ['bad.example', '/dns4/bad.example'],
  ['bad.example:443', '/dns4/bad.example'],
  ['https://bad.example/a?b', '/dns4/bad.example'],
  ['Bad.Example', '/dns4/bad.example'],
  ['203.0.113.5:4001', '203.0.113.5'],
  ['tcp://203.0.113.5:4001', '203.0.113.5'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:4001', '2001:db8::1'],
  ['203.0.113.*', '203.0.113.0/24'],
  ['203.0.*.*', '203.0.0.0/16'],
  ['203.*.*.*', '203.0.0.0/8']
] as const) {
  test(`the error about ${target} suggests ${meant}`, t => {
    const { bans } = scene()
    const { message } = t.throws(() => bans.add(target, 1_000), { name: 'InvalidParametersError' })
    t.is(message, `Cannot ban '${target}': not a peer id, multiaddr, IP address or CIDR range. Did you mean '${meant}'?`)
    t.notThrows(() => bans.add(meant, 1_000))
  })
}

for (const text of [' 203.0.113.5', '203.0.113.5\r', '203.0.113.5/32\r\n', '\t/ip4/203.0.113.5 ', '\ufeff203.0.113.5', `${peer}\r\n`]) {
  test(`add() trims ${encodeURIComponent(text)}`, t => {
    const { bans } = scene()
    const { target } = bans.add(text, 1_000)
    t.is(String(target), text.trim())
    t.not(bans.reasonFor(multiaddr(`/ip4/203.0.113.5/tcp/1/p2p/${peer}`)), undefined)
    t.true(bans.remove(text))
  })
}

for (const target of [multiaddr(`/dns4/${'a'.repeat(1_024)}/tcp/1`), `10.0.0.0/${'0'.repeat(256)}8`, multiaddr('/http-path/a').encapsulate('/ws'.repeat(1_000))]) {
  test(`add() throws for a target that is too long: ${target.toString().slice(0, 12)}`, t => {
    const { bans } = scene()
    const err = t.throws(() => bans.add(target, 1_000), { name: 'InvalidParametersError', message: /^Cannot ban .* more than (1024|256)/ })
    t.true(err.message.length < 128)
    t.deepEqual(bans.list(), [])
  })
}

for (const ms of [0, -1, NaN, undefined, null, '60000', 60_000n, new Date(1)]) {
  test(`add() throws for ${typeof ms} ${String(ms)} as the duration`, t => {
    t.throws(() => scene().bans.add(peer, ms as number), { name: 'InvalidParametersError', message: /^bans\.add\(\) needs a number of milliseconds, more than 0, or Infinity as ms, not / })
  })
}

for (const [banned, removed] of [['/ip6zone/eth0/ip6/2001:db8::5', '2001:db8::5'], ['/ip6/2001:db8::5', '2001:db8::5/128'], ['/ip6/::ffff:203.0.113.5', '203.0.113.5'], ['/ip4/203.0.113.0/ipcidr/24', '203.0.113.0/24'], ['/ip6zone/eth0/ip6/2001:db8::/ipcidr/48', '2001:db8::/48']] as const) {
  test(`removes the ban of ${banned} as ${removed}`, t => {
    const { bans } = scene()
    bans.add(banned, 1_000)
    t.true(bans.remove(removed))
    t.deepEqual(bans.list(), [])
  })
}
