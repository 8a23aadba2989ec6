// recorded dials, replayed through other pipelines on a virtual clock
import test from 'ava'
import { attempt, candidate, PEER, traced } from '../trace/sample.ts'
import { faultsOf } from '../trace/schema.ts'
import { cli, folder, widest } from './kit.ts'
import type { DialTrace } from '../../src/trace/types.ts'

const REFUSED = { outcome: 'failed', error: { name: 'Error', message: 'connect ECONNREFUSED' } } as const

/** Returns the last lines, by their first word */
function summary (stdout: string): Record<string, string> {
  const rows = (stdout.trimEnd().split('\n\n').at(-1) ?? '').split('\n').slice(1)

  return Object.fromEntries(rows.map(row => [row.split(/ {2,}/)[0] ?? '', row.split(/ {2,}/).slice(1).join(' | ')]))
}

async function replayed (trace: unknown, ...args: string[]) {
  await using files = await folder()

  return await cli(['replay', await files.file('trace.json', typeof trace === 'string' ? trace : JSON.stringify(trace)), ...args])
}

const address = (n: number): string => candidate(n).address

/** Two addresses that refuse one after the other, and one that connects */
const SEQUENTIAL = traced({
  outcome: 'connected',
  settledAt: 700,
  endedAt: 700,
  target: { peer: PEER, addresses: [address(1), address(2), address(3)] },
  candidates: [
    candidate(1, { source: 'from-caller', attempts: [attempt(0, 300, REFUSED)] }),
    candidate(2, { source: 'from-caller', attempts: [attempt(300, 600, REFUSED)] }),
    candidate(3, { source: 'from-caller', attempts: [attempt(600, 700, { outcome: 'connected' })] })
  ]
})

test('replay gives each address its recorded outcome, at the times of the other pipeline', async t => {
  const { code, stdout, stderr } = await replayed(SEQUENTIAL, '--preset', 'stock,staggered')

  t.is(stderr, '')
  t.is(code, 0)
  t.deepEqual(summary(stdout), { recorded: 'connected | 700 ms | 3', stock: 'connected | 700 ms | 3', staggered: 'connected | 600 ms | 3' })
  t.true(widest(stdout) <= 80, stdout)
})

test('replay accepts a trace of a dial without a peer id', async t => {
  const bare = '/ip4/203.0.113.1/tcp/4001'
  const { code, stdout } = await replayed(traced({ outcome: 'connected', settledAt: 100, target: { addresses: [bare] }, candidates: [{ ...candidate(1), address: bare, attempts: [attempt(0, 100, { outcome: 'connected' })] }] }), '--preset', 'stock')

  t.is(code, 0)
  t.is(summary(stdout).stock, 'connected | 100 ms | 1')
})

test('replay gives up after the dial timeout of a node', async t => {
  const slow = traced({
    outcome: 'connected',
    settledAt: 15_000,
    target: { peer: PEER, addresses: [address(1), address(2), address(3)] },
    candidates: [1, 2, 3].map(n => candidate(n, { attempts: [attempt(0, 5_000, n === 3 ? { outcome: 'connected' } : REFUSED)] }))
  })

  t.is(summary((await replayed(slow, '--preset', 'stock')).stdout).stock, 'failed | 10000 ms | 2')
  t.is(summary((await replayed(slow, '--preset', 'staggered')).stdout).staggered, 'connected | 5500 ms | 3')
})

test('replay --json prints traces that can be replayed', async t => {
  const { stdout } = await replayed(SEQUENTIAL, '--preset', 'staggered', '--json')
  const [{ trace }] = JSON.parse(stdout) as [{ trace: DialTrace }]

  t.deepEqual(faultsOf(trace), [])
  t.is(trace.settledAt, 600)
  t.deepEqual(summary((await replayed(trace, '--preset', 'stock')).stdout).stock, 'connected | 700 ms | 3')
})

test('replay stops at an address that was not attempted, and shows its outcome as unknown', async t => {
  const { code, stdout, stderr } = await replayed(traced({
    outcome: 'connected',
    settledAt: 400,
    target: { peer: PEER, addresses: [address(1), address(2)] },
    candidates: [candidate(1, { attempts: [attempt(0, 400, { outcome: 'connected' })] }), candidate(2, { position: 1 })]
  }), '--preset', 'stock,staggered')

  t.is(code, 1)
  t.deepEqual(summary(stdout), { recorded: 'connected | 400 ms | 1', stock: 'connected | 400 ms | 1', staggered: 'unknown | from 250 ms on | 2' })
  t.regex(stdout, /\/ip4\/203\.0\.113\.2\/tcp\/4001 .*×.* unknown outcome$/m)
  t.is(stderr, 'error: staggered: the comparison ends at /ip4/203.0.113.2/tcp/4001: the trace has no outcome of it\n')
})

test('replay treats a cancelled attempt as silent for its duration, and as unknown after it', async t => {
  const cancelled = (ms: number): DialTrace => traced({
    outcome: 'connected',
    settledAt: ms,
    target: { peer: PEER, addresses: [address(1), address(2)] },
    candidates: [candidate(1, { attempts: [attempt(0, ms)] }), candidate(2, { attempts: [attempt(ms - 100, ms, { outcome: 'connected' })] })]
  })
  const [long, short] = [await replayed(cancelled(800), '--preset', 'staggered'), await replayed(cancelled(300), '--preset', 'staggered')]

  t.deepEqual(summary(long.stdout).staggered, 'connected | 350 ms | 2')
  t.deepEqual(summary(short.stdout).staggered, 'unknown | from 300 ms on | 2')
  t.regex(short.stderr, /the trace has no outcome of it after 300 ms/)
})

test('replay with the recorded pipeline waits as long as the recorded dial for an address that answered once and then fell silent', async t => {
  const [silent, other] = ['/ip4/203.0.113.1/tcp/4001', '/ip4/203.0.113.1/tcp/4002'] as const
  const { code, stdout } = await replayed(traced({
    outcome: 'connected',
    settledAt: 2_200,
    target: { peer: PEER, addresses: [silent, other].map(one => candidate(one).address) },
    candidates: [
      candidate(silent, { attempts: [attempt(0, 2_200, { marks: [{ name: 'answered', at: 20 }, { name: 'opened', at: 20 }] })] }),
      candidate(other, { attempts: [attempt(2_100, 2_200, { outcome: 'connected' })] })
    ]
  }), '--preset', 'adaptive')

  t.is(code, 0)
  t.regex(summary(stdout).adaptive ?? '', /^connected \| 2\d{3} ms \| 2$/)
  t.regex(stdout, /\/tcp\/4001 .*▒.*cancelled/)
})

test('replay repeats the recorded answers of sources, names and the gater, and the missing transports', async t => {
  const { code, stdout, stderr } = await replayed(traced({
    outcome: 'connected',
    settledAt: 900,
    target: { peer: PEER, addresses: [] },
    sources: [{ stage: 'from-known', askedAt: 0, endedAt: 0, addresses: 3 }, { stage: 'from-routing', askedAt: 0, endedAt: 500, addresses: 1 }],
    candidates: [
      candidate(1, { source: 'from-known', verdicts: [{ stage: 'gater', verdict: 'dropped', reason: 'denied' }] }),
      candidate(2, { source: 'from-known', verdicts: [{ stage: 'dialable', verdict: 'dropped', reason: 'no transport' }] }),
      candidate('/dnsaddr/peer.example', { source: 'from-known', verdicts: [{ stage: 'resolve', verdict: 'expanded', into: [address(3)] }] }),
      candidate(3, { source: 'resolve', attempts: [attempt(100, 200, REFUSED)] }),
      candidate(4, { source: 'from-routing', attempts: [attempt(500, 900, { outcome: 'connected' })] })
    ]
  }), '--preset', 'staggered')

  t.is(stderr, '')
  t.is(code, 0)
  t.deepEqual(summary(stdout).staggered, 'connected | 1100 ms | 2')
  t.regex(stdout, /\.1\/tcp\/4001 .*dropped by gater/)
  t.regex(stdout, /\.2\/tcp\/4001 .*dropped by dialable/)
  t.regex(stdout, /\/dnsaddr\/peer\.example .*became 1 address/)
})

test('replay resolves a name that a source found late at the recorded time', async t => {
  const { stdout } = await replayed(traced({
    outcome: 'connected',
    settledAt: 500,
    target: { peer: PEER, addresses: [] },
    sources: [{ stage: 'from-routing', askedAt: 0, endedAt: 300, addresses: 1 }],
    candidates: [
      candidate('/dnsaddr/peer.example', { source: 'from-routing', verdicts: [{ stage: 'resolve', verdict: 'expanded', into: [address(1)] }] }),
      candidate(1, { source: 'resolve', attempts: [attempt(400, 500, { outcome: 'connected' })] })
    ]
  }), '--preset', 'staggered')

  t.deepEqual(summary(stdout).staggered, 'connected | 500 ms | 1')
})

test('replay fails an attempt with the recorded code', async t => {
  const error = { name: 'Error', message: 'both families failed', code: 'ECONNREFUSED' }
  const { stdout } = await replayed({ ...SEQUENTIAL, candidates: [candidate(1, { source: 'from-caller', attempts: [attempt(0, 300, { outcome: 'failed', error })] })], target: { addresses: [address(1)] } }, '--json')

  t.is(JSON.parse(stdout)[0].trace.candidates[0].attempts[0].error.code, 'ECONNREFUSED')
})

test('replay leaves out an address that the dial dropped and whose text is no multiaddr', async t => {
  const dropped = candidate('/dns4/a/b/tcp/4096', { verdicts: [{ stage: 'resolve', verdict: 'dropped', reason: 'no such name' }] })
  const { code, stdout, stderr } = await replayed({ ...SEQUENTIAL, candidates: [dropped, ...SEQUENTIAL.candidates] }, '--preset', 'stock')
  const { stdout: without } = await replayed(SEQUENTIAL, '--preset', 'stock')

  t.is(code, 0, stderr)
  t.is(stdout, without)
})

test('replay rejects a file that is not a trace, and says why', async t => {
  const wrong: Array<[unknown, RegExp]> = [
    ['', /Unexpected end of JSON input/],
    ['{', /JSON/],
    ['null', /it is null/],
    [{ ...SEQUENTIAL, version: 9 }, /its version is 9, and this release reads version 1/],
    [{ ...SEQUENTIAL, candidates: [{ ...candidate(1), address: 'x' }] }, /candidates\[0\]\.address is not a multiaddr/],
    [{ ...SEQUENTIAL, candidates: [candidate('/ip4/1')] }, /candidates\[0\]\.address is not a multiaddr/],
    [{ ...SEQUENTIAL, target: { addresses: [] } }, /neither a peer id nor an address/],
    [{ ...SEQUENTIAL, target: { peer: 'x', addresses: [] } }, /'x' is neither a multiaddr nor a peer id/],
    [{ ...SEQUENTIAL, candidates: [candidate(1, { verdicts: [{ stage: 'resolve', verdict: 'expanded', into: ['x'] }] })] }, /candidates\[0\]\.verdicts\[0\]\.into\[0\] is not a multiaddr/],
    [{ ...SEQUENTIAL, candidates: [candidate(1, { verdicts: [{ stage: 'resolve', verdict: 'expanded', into: Array.from({ length: 200_000 }, () => '/memory/1') }] })] }, /into has 200000 elements, and a trace has 32 at most/],
    [{ ...SEQUENTIAL, candidates: Array.from({ length: 257 }, () => candidate(1)) }, /candidates has 257 elements, and a trace has 256 at most/],
    [' '.repeat(16 * 2 ** 20 + 1), /it is larger than 16 MiB/]
  ]

  for (const [trace, words] of wrong) {
    const { code, stdout, stderr } = await replayed(trace)

    t.is(code, 2, stderr)
    t.is(stdout, '')
    t.regex(stderr, /^error: cannot replay .*trace\.json: /)
    t.regex(stderr, words)
    t.true(stderr.length < 1_000)
  }

  t.is((await cli(['replay', '/none/trace.json'])).code, 2)
})

test('replay prints no control characters from a trace, and ends for any recorded times', async t => {
  const evil = '\u001B[2J\u0007\u202E漢字🧨 of great length '.repeat(8)
  const hostile = [-1e308, -1, 1e308].map(time => traced({
    outcome: 'failed',
    error: { name: evil, message: evil },
    target: { peer: PEER, addresses: [address(1), address(2)] },
    sources: [{ stage: `${evil}from-routing`, askedAt: time, endedAt: -time, addresses: 1, error: { name: evil, message: evil } }],
    candidates: [candidate(1, { source: evil, attempts: [attempt(time, -time, { ...REFUSED, error: { name: evil, message: evil }, marks: [{ name: 'opened', at: time }] })] }), candidate(2, { attempts: [attempt(0, time, { outcome: 'connected', marks: [{ name: 'answered', at: -time }] })] })]
  }))

  for (const trace of hostile) {
    const { stdout, stderr } = await replayed(trace, '--preset', 'stock,staggered,adaptive')

    t.notRegex(stdout + stderr, /(?!\n)[\p{Cc}\p{Cf}]/u)
    t.notRegex(stdout, /[漢字🧨]/u, 'takes two columns')
    t.true(widest(stdout) <= 80)
  }
})
