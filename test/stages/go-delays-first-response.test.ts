import test from 'ava'
import { goDelays } from '../../src/stages/go-delays.ts'
import { startsOf } from './dial-like-go.ts'
import { cands, timesOn } from './on-list.ts'
import type { Candidate } from '../../src/pipeline/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'

/** The script of an address that responds after some milliseconds, and connects much later */
const responds = (firstResponse: number): Script => ({ connects: 4_000, firstResponse })

for (const [title, network, starts] of [
  ['goDelays() waits 250 ms after the first response of a public TCP address', [['tcp/4001', responds(100)], ['tcp/4002', 'silent'], ['tcp/4003', 'silent']], [0, 350, 360]],
  ['goDelays() waits 250 ms after the first response of a public WebSocket', [['tcp/443/wss', responds(200)], ['tcp/4002', 'silent']], [0, 450]],
  ['an early first response does not start the next address earlier', [['udp/4001/webrtc-direct', 'silent'], ['tcp/4001', responds(20)]], [0, 1_000]],
  ['each first response of public TCP makes goDelays() wait again', [['/ip6/2a00::1/tcp/4001', responds(240)], ['tcp/4001', responds(100)], ['tcp/4002', 'silent']], [0, 490, 840]],
  ['goDelays() starts the next address at once when the only attempt in flight fails', [['tcp/4001', { refuses: 150 }], ['tcp/4002', 'silent']], [0, 150]],
  ['goDelays() does not wait after the first response of a private address', [['/ip4/10.0.0.1/tcp/4001', responds(1)], ['/ip4/10.0.0.1/tcp/4002', 'silent'], ['udp/4001/webrtc-direct', 'silent']], [0, 30, 1_000]],
  ['goDelays() does not wait after the first response of QUIC', [['udp/4001/quic-v1', responds(200)], ['tcp/4001', 'silent']], [0, 250]]
] as ReadonlyArray<[string, ReadonlyArray<[string, Script]>, number[]]>) {
  test(title, async t => {
    const scripts = network.map(([address, script]) => [address.startsWith('/') ? address : `/ip4/1.2.3.4/${address}`, script])
    t.deepEqual(await startsOf(t, Object.fromEntries(scripts)), starts)
  })
}

test('goDelays() ignores the first response of an attempt that has failed, while others are in flight', async t => {
  const [quic, tcp, next] = cands(['/ip4/1.2.3.4/udp/4001/quic-v1', '/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/4002']) as [Candidate, Candidate, Candidate]
  const { pace: timeOf } = await timesOn(goDelays(), [quic, tcp, next])
  const race = { untried: [next], inFlight: [{ candidate: quic, startedAt: 0 }], lastStart: 250 }

  t.is(timeOf({ ...race, inFlight: [...race.inFlight, { candidate: tcp, startedAt: 250, firstResponseAt: 350 }] }), 600)
  t.is(timeOf({ ...race, outcomes: [{ status: 'failed', candidate: tcp, startedAt: 250, endedAt: 400, error: new Error('a broken handshake') }] }), 500)
})
