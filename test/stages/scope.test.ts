import test from 'ava'
import { scope } from '../../src/stages/scope.ts'
import { cand, reason, said, tryOut } from '../testing/try-out.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

/** A node on the internet, where the peer `public` was too */
const onInternet = { components: () => ({ surroundings: { isPublic: true, wasPublic: (peer: string) => peer === 'public' } }) }

const CASES: ReadonlyArray<[address: string, source: string, verdict: string | undefined]> = [
  ['/ip4/8.8.8.8/tcp/1', 'dht', undefined],
  ['/ip4/10.0.0.5/tcp/1', 'dht', 'a private address, from dht'],
  ['/ip4/10.0.0.5/tcp/1', 'user', undefined],
  ['/ip4/192.168.1.1/tcp/1', 'mdns', undefined],
  ['/ip4/169.254.169.254/tcp/80/ws', 'dht', 'a link-local address, from dht'],
  ['/ip4/127.0.0.1/tcp/1', 'dht', 'a loopback address, from dht'],
  ['/ip4/127.0.0.1/tcp/1', 'user', undefined],
  ['/dns4/127.0.0.1/tcp/1', 'dht', 'a loopback address, from dht'],
  ['/dns4/LOCALHOST/tcp/1', 'routing', 'a loopback address, from routing'],
  ['/dns4/example.com/tcp/1', 'dht', undefined],
  ['/dns4/8-8-8-8.k51q.libp2p.direct/tcp/443/wss', 'dht', undefined],
  ['/dns4/10-0-0-1.k51q.libp2p.direct/tcp/443/wss', 'dht', 'a private address, from dht'],
  ['/ip6/::ffff:10.0.0.1/tcp/1', 'dht', 'a private address, from dht'],
  ['/ip6/64:ff9b::a00:1/tcp/1', 'dht', 'a private address, from dht'],
  ['/ip4/224.0.0.1/udp/1/quic-v1', 'dht', 'a multicast address, from dht'],
  ['/ip4/0.0.0.0/tcp/1', 'routing', 'an unspecified address, from routing'],
  ['/ip4/240.0.0.1/tcp/1', 'dht', 'a reserved address, from dht'],
  ['/ip4/240.0.0.1/tcp/1', 'user', undefined],
  ['/ip6/200:1111:2222::9/tcp/1', 'user', undefined],
  ['/ip4/203.0.113.9/tcp/1', 'identify', undefined],
  ['/dns4/node.test/tcp/1', 'user', undefined]
]

for (const [address, source, verdict] of CASES) {
  test(`scope(): ${address} from ${source}: ${verdict ?? 'stays'}`, async t => {
    const candidate = cand(address, { provenance: [{ source, reporter: 'public' }] })
    const trial = tryOut(t, scope(), onInternet)
    trial.give({ candidates: [candidate] })
    await trial.settle()
    t.is(trial.outputs.at(-1)?.candidates.length, verdict == null ? 1 : 0)
    t.is(reason(trial, candidate), verdict)
  })
}

test('scope() keeps an address that one trusted source names, and judges the answers of a name', async t => {
  const from = (address: string, ...sources: readonly string[]) => cand(address, { provenance: sources.map(source => ({ source, reporter: 'public' })) })
  const trial = tryOut(t, scope(), onInternet)
  trial.give({ candidates: [from('/ip4/10.0.0.1/tcp/1', 'dht', 'identify'), from('/ip4/10.0.0.2/tcp/1'), from('/ip4/10.0.0.3/tcp/1', 'dht', 'dns'), from('/ip4/10.0.0.4/tcp/1', 'user', 'dns')] })
  await trial.settle()
  t.deepEqual(said(trial), ['/ip4/10.0.0.1/tcp/1 /ip4/10.0.0.2/tcp/1 /ip4/10.0.0.4/tcp/1'])
})

test('scope() keeps a local address of untrusted sources in a private network, or without a known reporter', async t => {
  const [unknown, local, remote] = [undefined, 'local', 'public'].map((reporter, i) => cand(`/ip4/10.0.0.${i}/tcp/1`, { provenance: [{ source: 'dht', reporter }] }))
  const candidates = [unknown, local, remote] as Candidate[]

  for (const [fixture, kept] of [[onInternet, [unknown, local]], [{ components: () => ({ surroundings: { isPublic: false, wasPublic: () => true } }) }, candidates], [{}, candidates]] as const) {
    const trial = tryOut(t, scope(), fixture)
    trial.give({ candidates })
    await trial.settle()
    t.deepEqual(trial.last?.candidates, kept)
  }
})
