import test from 'ava'
import { renderTrace } from '../../src/trace/text.ts'
import { attempt, candidate, EVERYTHING, PEER, traced } from './sample.ts'
import type { DialTrace } from '../../src/trace/types.ts'

const lines = (trace: DialTrace, width = 160): string[] => renderTrace(trace, { width }).split('\n')

const refused = { outcome: 'failed' as const, error: { name: 'Error', message: 'connect ECONNREFUSED' } }

test('draws a line for the dial, one for each source, and one for each address', t => {
  const text = renderTrace(traced({
    outcome: 'connected',
    settledAt: 400,
    endedAt: 400,
    sources: [{ stage: 'from-caller', askedAt: 0, endedAt: 0, addresses: 6 }, { stage: 'from-dht', askedAt: 100, endedAt: 300, addresses: 1 }],
    candidates: [
      candidate(4),
      candidate(1, { attempts: [attempt(0, 200, refused)] }),
      candidate(30, { attempts: [attempt(300, 400, { plannedAt: 250 })] }),
      candidate(2, { attempts: [attempt(100, 400, { outcome: 'connected', marks: [{ name: 'opened', at: 200 }, { name: 'encrypted', at: 300 }, { name: 'muxed', at: 350 }] })] }),
      candidate(5, { verdicts: [{ stage: 'gater', verdict: 'dropped', reason: 'denied' }] }),
      candidate('/dnsaddr/peer.example', { verdicts: [{ stage: 'resolve', verdict: 'expanded', into: ['a', 'b'] }] })
    ]
  }), { width: 160 })

  t.is(text, `
dial ${PEER}  6 addresses, 3 attempts, connected in 400 ms
  from-caller                |                                        | 6 addresses
  from-dht                   |          ────────────────────◆         | 1 address after 200 ms
  /ip4/203.0.113.1/tcp/4001  |░░░░░░░░░░░░░░░░░░░░×                   | 0 ms → 200 ms failed: refused
  /ip4/203.0.113.2/tcp/4001  |          ░░░░░░░░░░▒▒▒▒▒▒▒▒▒▒▓▓▓▓▓████●| 100 ms → 400 ms CONNECTED
  /ip4/203.0.113.30/tcp/4001 |                         ·····░░░░░░░░░○| 300 ms → 400 ms cancelled
  /ip4/203.0.113.4/tcp/4001  |                                        | not needed
  /ip4/203.0.113.5/tcp/4001  |                                        | dropped by gater: denied
  /dnsaddr/peer.example      |                                        | became 2 addresses (resolve)`.trimStart())
})

test('says why a dial failed, and what was not tried', t => {
  const [headline, error, line] = lines(traced({ outcome: 'failed', endedAt: 1_234.5, error: { name: 'TypeError', message: 'Because' }, candidates: [candidate(1)] }))
  t.is(headline, `dial ${PEER}  1 address, 0 attempts, failed after 1235 ms`)
  t.is(error, '  TypeError: Because')
  t.regex(line ?? '', /not tried$/)
})

test('names the stage that has thrown', t => {
  t.is(lines(traced({ outcome: 'failed', endedAt: 0, error: { name: 'TypeError', message: 'boom', stage: 'mine' } }))[1], '  TypeError: boom (thrown by mine)')
})

test('says that a dial was aborted, and for what it still waited', t => {
  const [headline, error, waiting] = lines(traced({ outcome: 'aborted', endedAt: 20, awaited: ['from-dht', 'picky'], error: { name: 'AbortError', message: 'no time' } }))
  t.regex(headline ?? '', /aborted after 20 ms$/)
  t.is(error, '  AbortError: no time')
  t.is(waiting, '  still waiting for from-dht, picky')
})

test('says what is in flight, what waits, and what a source has yet to answer', t => {
  const [headline, source, ...rest] = lines(traced({
    target: { addresses: [] },
    sources: [{ stage: 'from-dht', askedAt: 3, addresses: 2, isAwaited: true }],
    candidates: [candidate(1, { attempts: [attempt(10)] }), candidate(2, { attempts: [{ plannedAt: 20, marks: [], outcome: 'waiting' }] })]
  }))
  t.is(headline, 'dial of an unknown peer  2 addresses, 2 attempts, running')
  t.regex(source ?? '', /awaited since 3 ms, 2 addresses so far$/)
  t.regex(rest[0] ?? '', /10 ms → … in flight$/)
  t.regex(rest[1] ?? '', /20 ms → … waiting for a slot$/)
})

test('draws all attempts of an address, and tells of the last', t => {
  const [, line] = lines(traced({ outcome: 'connected', settledAt: 400, endedAt: 400, candidates: [candidate(1, { attempts: [attempt(0, 100, refused), attempt(300, 400, { outcome: 'connected' })] })] }))
  t.is(line, '  /ip4/203.0.113.1/tcp/4001 |░░░░░░░░░░×                   ░░░░░░░░░●| 300 ms → 400 ms CONNECTED (attempt 2)')
})

test('counts callers where there are several', t => {
  const [, callers] = lines(traced({ callers: [{ at: 0, addresses: [], endedAt: 5, outcome: 'connected' }, { at: 1, addresses: [] }, { at: 1, addresses: [] }] }))
  t.is(callers, '  3 callers: 1 connected, 2 waiting')
})

test('says how much was left out', t => {
  t.is(lines(traced({ omitted: { candidates: 44, attempts: 1 } })).at(-1), '  … and 44 more addresses, 1 more attempt')
})

for (const width of [40, 59, 60, 80, 100, 200]) {
  test(`keeps every line within ${width} characters, and both ends of an address`, t => {
    const all = lines({ ...EVERYTHING, error: { name: 'Error', message: 'x'.repeat(500) } }, width)
    t.true(all.every(line => line.length <= width), all.join('\n'))
    t.true(all.some(line => line.includes('/ip4/') && line.includes('/4001')))
  })
}

test('an address behind a relay keeps the name of the relay', t => {
  const relayed = `/ip4/203.0.113.1/tcp/1/p2p/${PEER}/p2p-circuit`
  t.regex(lines(traced({ candidates: [{ ...candidate(1), address: relayed }] }), 240)[1] ?? '', new RegExp(`^ {2}${relayed} \\|`))
})

test('escapes control characters of a trace that was read from a file', t => {
  const text = renderTrace(traced({ candidates: [{ ...candidate(1), address: '/dns4/\u001B[2Jevil\u202Egro.\n/tcp/1' }] }), { width: 120 })
  t.is(text.split('\n').length, 2)
  // eslint-disable-next-line no-control-regex
  t.notRegex(text.replaceAll('\n', ''), /[\u0000-\u001F\u202A-\u202E]/)
})

test('draws thousands of attempts of one address', t => {
  const attempts = Array.from({ length: 200_000 }, (_, i) => attempt(i, i + 1))
  t.regex(renderTrace(traced({ candidates: [candidate(1, { attempts })] })), /1 address, 200000 attempts, running/)
})

test('refuses what is no trace, and a width that is none', t => {
  t.throws(() => renderTrace({} as any), { name: 'InvalidParametersError', message: /renderTrace\(\) needs the trace of a dial/ })
  t.throws(() => renderTrace(traced(), { width: 39 }), { name: 'InvalidParametersError', message: /width/ })
})
