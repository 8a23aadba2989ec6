import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { guardedPrefixes } from '../../../src/dialer/attempts/prefix-slots.ts'
import { prefixesOf } from '../../../src/dialer/attempts/shared-attempt.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { pipeline } from '../../../src/pipeline/index.ts'
import { NameAnswers } from '../../../src/pipeline/name-answers.ts'
import { nodeState } from '../../../src/pipeline/runtime/make-stage.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { lookup } from '../../../src/stages/lookup.ts'
import { race } from '../../../src/stages/race.ts'
import { engineWorld, world } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import { patient } from '../flooded.ts'

const [RELAY, PEER] = await Promise.all([newPeer(), newPeer()])

/** Returns the guarded prefixes of an address, separated by spaces. Undefined for an address without one */
function guarded (address: string, sources: string[] = ['routing']): string | undefined {
  const { components } = world()
  const prefixes = prefixesOf(candidate(multiaddr(address), PEER, { isCertified: sources.includes('certified'), provenance: sources.filter(source => source !== 'certified').map(source => ({ source })) }), components)

  return prefixes.length === 0 ? undefined : prefixes.join(' ')
}

test('prefix slots apply to addresses of untrusted sources only', t => {
  for (const [sources, isGuarded] of [
    [['routing'], true],
    [[], true],
    [['peer-store', 'dns'], true],
    [['routing', 'user'], false],
    [['bootstrap'], false],
    [['bootstrap', 'dns'], false],
    [['identify', 'mdns', 'derived'], true],
    [['peer-store', 'certified'], false],
    [['routing', 'dialled'], false]
  ] as const) {
    t.is(guarded('/ip4/5.6.7.8/tcp/1', [...sources]) != null, isGuarded, sources.join())
  }
})

test('the guarded prefix is a /24, a /48 or a name', t => {
  t.is(guarded('/ip4/5.6.7.8/tcp/1'), guarded('/ip4/5.6.7.9/udp/2/quic-v1'))
  t.not(guarded('/ip4/5.6.7.8/tcp/1'), guarded('/ip4/5.6.8.8/tcp/1'))
  t.is(guarded('/ip6/2a00:1450:1:2::8/tcp/1'), guarded('/ip6/2a00:1450:1:ffff::9/udp/2/quic-v1'))
  t.not(guarded('/ip6/2a00:1450:1::8/tcp/1'), guarded('/ip6/2a00:1450:2::8/tcp/1'))
  t.is(guarded('/dns4/Victim.example/tcp/1'), guarded('/dns6/victim.example/tcp/443/wss'))
  t.deepEqual(['/ip4/10.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1', '/memory/x'].map(one => guarded(one)), [undefined, undefined, undefined, undefined])
})

test('a translated IPv6 address has the guarded prefix of the IPv4 address in it alone', t => {
  for (const ip of ['64:ff9b::506:708', '::ffff:506:708', '2002:506:708::1']) {
    t.is(guarded(`/ip6/${ip}/tcp/1`), '5.6.7', ip)
  }

  t.is(guarded('/ip6/2001:0:c629:4:8000:63bf:f6f5:f4f3/tcp/1'), '198.41.0 9.10.11')
})

test('another IPv6 address with an IPv4 address in it has the guarded prefixes of both', t => {
  for (const net of ['2a00:1450:1', '2003:1450:1', '2001:4860:1', '2001:1:1', '2100:0:1']) {
    t.is(guarded(`/ip6/${net}:2:0:5efe:506:708/tcp/1`), `${guarded(`/ip6/${net}::1/tcp/1`)} 5.6.7`, net)
  }
})

test('the guarded prefix of a name is its last two labels, or three below a second-level registry', t => {
  for (const [name, domain] of [
    ['a.b.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['a.b.shop.co.uk', 'shop.co.uk'],
    ['a.b.co.uk', 'b.co.uk'],
    ['a.shop.com.au', 'shop.com.au'],
    ['a.b.abc.com', 'abc.com'],
    ['a.b.abc.de', 'abc.de'],
    ['a.b.com.com', 'com.com'],
    ['router', undefined],
    ['node-1.svc.cluster.local', undefined],
    ['db.corp.internal', undefined],
    ['a.b.EXAMPLE.com..', 'example.com']
  ]) {
    t.is(guarded(`/dns4/${name}/tcp/443/wss`), domain)
  }
})

test('a name that was resolved also counts under its answers\' prefixes, for five minutes', async t => {
  const { components, clock } = world()
  const wss = (name: string): string[] => guardedPrefixes(candidate(multiaddr(`/dns4/${name}/tcp/443/wss`), PEER), components)
  const answers = nodeState(components, NameAnswers)
  answers.record('victim.example', [Uint8Array.of(198, 41, 0, 4), Uint8Array.of(10, 0, 0, 1)])
  await clock.advance(100_000)
  answers.record('victim.example', [Uint8Array.of(5, 6, 7, 8), Uint8Array.of(198, 41, 0, 5)])
  answers.record('victim.example', [])

  t.deepEqual(wss('Victim.example.'), ['198.41.0', '5.6.7', 'victim.example'])
  t.deepEqual(wss('www.victim.example'), ['victim.example'])
  await clock.advance(299_999)
  t.is(wss('victim.example').length, 3)
  await clock.advance(1)
  t.deepEqual(wss('victim.example'), ['victim.example'])
})

test('an address of a name over TLS has the guarded prefixes of the IP addresses that lookup() found for the name', async t => {
  const query = async (name: string, { types: [type] }: { types: readonly number[] }): Promise<object> => ({ Answer: [{ name, type, TTL: 1, data: '198.41.0.4' }] })
  // `any`: a fake with only the members that the test needs
  const node = engineWorld(pipeline(fromCaller(), lookup(), race()), {}, { dns: { query } as any })
  node.engine.dial(multiaddr(`/dns4/Names.example.com/tcp/1/p2p/${PEER}`), patient()).catch(() => {})
  await node.clock.advance(0)

  t.deepEqual(guardedPrefixes(candidate(multiaddr('/dns4/names.example.com/tcp/443/wss'), PEER), node.components), ['198.41.0', 'example.com'])
  node.engine.stop()
})

test('a relayed address has no guarded prefix of its own', t => {
  t.is(guarded(`/ip4/5.6.7.8/tcp/1/p2p/${RELAY.toString()}/p2p-circuit`), undefined)
  t.is(guarded(`/p2p/${RELAY.toString()}/p2p-circuit`), undefined)
})
