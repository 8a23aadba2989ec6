import test from 'ava'
import { renderTrace } from '../../src/trace/text.ts'
import { attempt, candidate, EVERYTHING, PEER, traced } from './sample.ts'
import type { DialTrace, TraceCaller } from '../../src/trace/types.ts'

const lines = (trace: DialTrace, width = 160): string[] => renderTrace(trace, { width }).split('\n')

const refused = { outcome: 'failed' as const, error: { name: 'Error', message: 'connect ECONNREFUSED' } }

test('the text has a line for the dial, each source and each address', t => {
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

for (const [words, error, isAnswered] of [
  ['refused', { name: 'AggregateError', message: '', code: 'ECONNREFUSED' }, false],
  ['silent for 200 ms', { name: 'TimeoutError', message: 'The attempt ended' }, false],
  ['silent for 200 ms', { name: 'Error', message: 'connect ETIMEDOUT 203.0.113.1:4001' }, false],
  ['connected, then silent: ended after 200 ms', { name: 'TimeoutError', message: 'The attempt ended' }, true],
  ['unreachable', { name: 'Error', message: 'connect EHOSTUNREACH 203.0.113.1:4001' }, false],
  ['reset', { name: 'Error', message: 'connect ECONNRESET 203.0.113.1:4001' }, false],
  ['name not found', { name: 'Error', message: 'getaddrinfo ENOTFOUND', code: 'ENOTFOUND' }, false],
  ['answered by another peer', { name: 'UnexpectedPeerError', message: 'Not the peer' }, true],
  ['ENOENTRY is no code of a known failure', { name: 'Error', message: 'ENOENTRY is no code of a known failure' }, false]
] as const) {
  test(`the text says that an attempt failed: ${words}, for ${error.name} ${error.message}`, t => {
    const marks = isAnswered ? [{ name: 'answered' as const, at: 150 }] : []
    const [, , line] = lines(traced({ outcome: 'failed', endedAt: 300, error, candidates: [candidate(1, { attempts: [attempt(100, 300, { outcome: 'failed', error, marks })] })] }))

    t.true(line?.endsWith(`100 ms → 300 ms failed: ${words}`), line)
  })
}

test('the text says why a dial failed and what was not tried', t => {
  const [headline, error, line] = lines(traced({ outcome: 'failed', endedAt: 1_234.5, error: { name: 'TypeError', message: 'Because' }, candidates: [candidate(1)] }))
  t.is(headline, `dial ${PEER}  1 address, 0 attempts, failed after 1235 ms`)
  t.is(error, '  TypeError: Because')
  t.regex(line ?? '', /not tried$/)
})

test('the text names the stage that threw', t => {
  t.is(lines(traced({ outcome: 'failed', endedAt: 0, error: { name: 'TypeError', message: 'boom', stage: 'mine' } }))[1], '  TypeError: boom (thrown by mine)')
})

test('the text says that a dial was aborted and what was awaited', t => {
  const [headline, error, waiting] = lines(traced({ outcome: 'aborted', endedAt: 20, awaited: ['from-dht', 'picky'], error: { name: 'AbortError', message: 'no time' } }))
  t.regex(headline ?? '', /aborted after 20 ms$/)
  t.is(error, '  AbortError: no time')
  t.is(waiting, '  still waiting for from-dht, picky')
})

test('the text says what is in flight, waits for a slot, or is awaited', t => {
  const [headline, source, ...rest] = lines(traced({
    target: { addresses: [] },
    sources: [{ stage: 'from-dht', askedAt: 3, addresses: 2, isAwaited: true }],
    candidates: [candidate(1, { attempts: [attempt(10)] }), candidate(2, { attempts: [{ plannedAt: 20, marks: [], outcome: 'waiting' }] })]
  }))
  t.is(headline, 'dial by address  2 addresses, 2 attempts, running')
  t.regex(source ?? '', /awaited since 3 ms, 2 addresses so far$/)
  t.regex(rest[0] ?? '', /10 ms → … in flight$/)
  t.regex(rest[1] ?? '', /20 ms → … waiting for a slot$/)
})

test('the line of a source that failed names the source once', t => {
  const error = { name: 'InvalidStageOutputError', message: 'Stage "from-dht" found text, which is no address' }
  const [, line] = lines(traced({ sources: [{ stage: 'from-dht', askedAt: 3, endedAt: 4, addresses: 0, error }] }))
  t.regex(line ?? '', /^ {2}from-dht .* failed: found text, which is no address$/)
})

test('the line of an address draws all attempts and describes the last', t => {
  const [, line] = lines(traced({ outcome: 'connected', settledAt: 400, endedAt: 400, candidates: [candidate(1, { attempts: [attempt(0, 100, refused), attempt(300, 400, { outcome: 'connected' })] })] }))
  t.is(line, '  /ip4/203.0.113.1/tcp/4001 |░░░░░░░░░░×                   ░░░░░░░░░●| 300 ms → 400 ms CONNECTED (attempt 2)')
})

test('the text counts callers when there are several', t => {
  const [, callers] = lines(traced({ callers: [{ at: 0, addresses: [], endedAt: 5, outcome: 'connected' }, { at: 1, addresses: [] }, { at: 1, addresses: [] }] }))
  t.is(callers, '  3 callers: 1 connected, 2 waiting')
})

test('the text counts the callers that the trace omits', t => {
  const caller: TraceCaller = { at: 0, addresses: [], endedAt: 5, outcome: 'connected' }
  const all = lines(traced({ callers: [caller, caller], omitted: { callers: 9_998 } }))
  t.is(all[1], '  10000 callers: 2 connected, and 9998 more')
  t.is(all.length, 2)
})

test('the text says how much was omitted', t => {
  t.is(lines(traced({ omitted: { candidates: 44, attempts: 1 } })).at(-1), '  … and 44 more addresses, 1 more attempt')
})

for (const width of [40, 59, 60, 80, 100, 200]) {
  test(`lines fit into ${width} characters and keep both ends of an address`, t => {
    const all = lines({ ...EVERYTHING, error: { name: 'Error', message: 'x'.repeat(500) } }, width)
    t.true(all.every(line => line.length <= width), all.join('\n'))
    t.true(all.some(line => line.includes('/ip4/') && line.includes('/4001')))
  })
}

test('a long reason continues in further lines', t => {
  const message = 'Stage "slowly" has a timing rule that answered 250, which is a time of 1970: add it to race.lastStart'
  const all = lines(traced({ error: { name: 'InvalidStageOutputError', message } }), 80)
  t.true(all.every(line => line.length <= 80), all.join('\n'))
  t.is(all.slice(1).map(line => line.trim()).join(' '), `InvalidStageOutputError: ${message}`)
})

for (const width of [60, 80, 100]) {
  test(`why an attempt failed continues in a further line of ${width} characters`, t => {
    const silent = attempt(0, 3_000, { outcome: 'failed', error: { name: 'TimeoutError', message: 'The attempt ended' }, marks: [{ name: 'answered', at: 1 }] })
    const long = attempt(0, 20, { outcome: 'failed', error: { name: 'Error', message: 'The remote closed the stream before the handshake was complete, and gave no reason for it' } })
    const all = lines(traced({ candidates: [candidate(1, { attempts: [silent] }), candidate(2, { attempts: [long] })] }), width)
    const text = all.map(line => line.trim()).join(' ')

    t.true(all.every(line => line.length <= width), all.join('\n'))
    t.regex(text, /\| 0 ms → 3000 ms failed: connected, then silent: ended after 3000 ms /)
    t.regex(text, /0 ms → 20 ms failed: The remote closed the stream before the handshake was complete, and gave no reason for it$/)
  })
}

test('a reason without an end is clipped after six lines', t => {
  const all = lines(traced({ error: { name: 'Error', message: 'why '.repeat(1_000) } }), 80)
  t.is(all.length, 7)
  t.regex(all.at(-1) ?? '', /…$/)
})

test('a relayed address keeps its relay in the text', t => {
  const relayed = `/ip4/203.0.113.1/tcp/1/p2p/${PEER}/p2p-circuit`
  t.regex(lines(traced({ candidates: [{ ...candidate(1), address: relayed }] }), 240)[1] ?? '', new RegExp(`^ {2}${relayed} \\|`))
})

test('control characters in a trace are escaped in the text', t => {
  const text = renderTrace(traced({ candidates: [{ ...candidate(1), address: '/dns4/\u001B[2Jevil\u202Egro.\n/tcp/1' }] }), { width: 120 })
  t.is(text.split('\n').length, 2)
  // eslint-disable-next-line no-control-regex
  t.notRegex(text.replaceAll('\n', ''), /[\u0000-\u001F\u202A-\u202E]/)
})

test('renderTrace() renders 200,000 attempts of one address', t => {
  const attempts = Array.from({ length: 200_000 }, (_, i) => attempt(i, i + 1))
  t.regex(renderTrace(traced({ candidates: [candidate(1, { attempts })] })), /1 address, 200000 attempts, running/)
})

test('renderTrace() throws for an invalid trace or width', t => {
  t.throws(() => renderTrace({} as any), { name: 'InvalidParametersError', message: /renderTrace\(\) needs the trace of a dial/ })
  t.throws(() => renderTrace(traced(), { width: 39 }), { name: 'InvalidParametersError', message: /width/ })
})
