import type { DialTrace, TraceAttempt, TraceCandidate } from '../../src/trace/types.ts'

export const PEER = '12D3KooWSHj3RRbBjD15g6wekV8y3mm57Pobmps2g2WJm6F67Lay'

/** Returns the trace of a dial before its first event */
export function traced (rest: Partial<DialTrace> = {}): DialTrace {
  return {
    version: 1,
    id: 'dial-1',
    target: { peer: PEER, addresses: [] },
    pipeline: { stages: ['from-caller', 'race'] },
    startedAt: 1_700_000_000_000,
    outcome: 'running',
    callers: [{ at: 0, addresses: [] }],
    sources: [],
    awaited: [],
    candidates: [],
    ...rest
  }
}

export function candidate (n: number | string, rest: Partial<TraceCandidate> = {}): TraceCandidate {
  const address = typeof n === 'number' ? `/ip4/203.0.113.${n}/tcp/4001` : n

  return { address: `${address}/p2p/${PEER}`, provenance: [], verdicts: [], attempts: [], ...rest }
}

export function attempt (startedAt: number, endedAt?: number, rest: Partial<TraceAttempt> = {}): TraceAttempt {
  return { plannedAt: startedAt, startedAt, endedAt, marks: [], outcome: endedAt == null ? 'in flight' : 'cancelled', ...rest }
}

/** A trace with one of everything that a trace may contain */
export const EVERYTHING = traced({
  endedAt: 400,
  settledAt: 300,
  outcome: 'connected',
  connection: { id: 'a', address: candidate(3).address, isLimited: true, encryption: '/noise', multiplexer: '/yamux/1.0.0' },
  sources: [
    { stage: 'from-known', askedAt: 0, endedAt: 2, addresses: 6 },
    { stage: 'from-routing', askedAt: 0, endedAt: 50, addresses: 0, error: { name: 'Error', message: 'disk is full' } },
    { stage: 'from-dht', askedAt: 0, addresses: 0, isAwaited: true }
  ],
  awaited: ['from-dht'],
  candidates: [
    candidate(1, { attempts: [attempt(0, 100, { outcome: 'failed', error: { name: 'Error', message: 'connect ECONNREFUSED' }, marks: [{ name: 'opened', at: 40 }] })] }),
    candidate(2, { attempts: [attempt(100, 300)] }),
    candidate(3, { attempts: [attempt(200, 300, { plannedAt: 180, outcome: 'connected', marks: [{ name: 'opened', at: 220 }, { name: 'answered', at: 230 }, { name: 'encrypted', at: 260 }, { name: 'muxed', at: 290 }] })] }),
    candidate(4, { attempts: [attempt(250)] }),
    candidate(5, { attempts: [{ plannedAt: 260, marks: [], outcome: 'waiting' }] }),
    candidate(6, { attempts: [attempt(210, 280, { outcome: 'rejected', error: { name: 'VerificationError', message: 'speaks another protocol' } })] }),
    candidate(7, { verdicts: [{ stage: 'gater', verdict: 'dropped', reason: 'denied' }] }),
    candidate('/dnsaddr/peer.example', { verdicts: [{ stage: 'resolve', verdict: 'expanded', into: ['a', 'b'] }] }),
    candidate(8, { verdicts: [{ stage: 'backoff', verdict: 'held' }] }),
    candidate(9, { position: 6 })
  ]
})
