import test from 'ava'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { certified } from '../../src/stages/certified.ts'
import { race } from '../../src/stages/race.ts'
import { stagger } from '../../src/stages/stagger.ts'
import { renderTrace } from '../../src/trace/text.ts'
import { cand, PEER, preferring, tryOut } from '../testing/try-out.ts'
import type { AddressStory, AttemptStory } from '../../src/pipeline/runtime/story.ts'
import type { StoryTrace } from '../../src/trace/story-trace.ts'

const START = 1_000

function story (n: number, rest: Partial<AddressStory> = {}): AddressStory {
  return { candidate: cand(n), listed: true, attempts: [], ...rest }
}

function attempt (startedAt: number, endedAt: number | undefined, rest: Partial<AttemptStory> = {}): AttemptStory {
  return { requestedAt: START + startedAt, startedAt: START + startedAt, endedAt: endedAt == null ? undefined : START + endedAt, ...rest }
}

const traced = (addresses: AddressStory[], rest: Partial<StoryTrace> = {}): StoryTrace => ({ id: '1', peerId: PEER, startedAt: START, addresses, ...rest })
const lines = (trace: StoryTrace): string[] => renderTrace(trace).split('\n')

test('a line for the dial, and one for each address', t => {
  const text = renderTrace(traced([
    story(1, { attempts: [attempt(0, 200, { result: 'failed', error: new Error('connect ECONNREFUSED') })] }),
    story(2, { attempts: [attempt(100, 400, { result: 'connected', firstResponseAt: START + 300 })] }),
    story(30, { attempts: [attempt(300, 400, { result: 'cancelled' })] }),
    story(4),
    story(5, { dropped: { stage: 'gater', reason: 'denied' } }),
    { candidate: cand('/dnsaddr/peer.example'), listed: false, attempts: [], expanded: { stage: 'resolve', into: ['a', 'b'] } }
  ], { endedAt: START + 400 }))

  t.is(text, `
dial ${PEER.toString()}  6 addresses, 3 attempts, connected in 400 ms
  /ip4/203.0.113.1/tcp/4001  |░░░░░░░░░░░░░░░░░░░░░                   | 0 ms → 200 ms failed: connect ECONNREFUSED
  /ip4/203.0.113.2/tcp/4001  |          ░░░░░░░░░░░░░░░░░░░░██████████| 100 ms → 400 ms CONNECTED
  /ip4/203.0.113.30/tcp/4001 |                              ░░░░░░░░░░| 300 ms → 400 ms cancelled
  /ip4/203.0.113.4/tcp/4001  |                                        | not needed
  /ip4/203.0.113.5/tcp/4001  |                                        | dropped by gater: denied
  /dnsaddr/peer.example      |                                        | became 2 addresses (resolve)`.trimStart())
})

test('what was tried comes first, in the order in which it was', t => {
  const [, first, second, third] = lines(traced([
    story(1),
    story(2, { attempts: [attempt(50, 60)] }),
    story(3, { attempts: [attempt(10, 60)] })
  ]))
  t.regex(first ?? '', /113\.3/)
  t.regex(second ?? '', /113\.2/)
  t.regex(third ?? '', /113\.1/)
})

test('shows a dial that has tried an address 200,000 times', t => {
  const attempts = Array.from({ length: 200_000 }, (_, i) => attempt(i, i + 1, { result: 'connected' as const }))
  t.regex(renderTrace(traced([story(1, { attempts })])), /1 address, 200000 attempts, connected in 1 ms/)
})

test('a dial that failed says why, and what it did not come to', t => {
  const [headline, line] = lines(traced([story(1)], { endedAt: START + 1_234.5, error: new TypeError('Because') }))
  t.is(headline, `dial ${PEER.toString()}  1 address, 0 attempts, failed after 1235 ms: TypeError: Because`)
  t.regex(line ?? '', /not tried$/)
})

test('a dial that runs says what is in flight', t => {
  const [headline, line] = lines(traced([story(1, { attempts: [attempt(10, undefined)] })], { peerId: undefined }))
  t.is(headline, 'dial of an unknown peer  1 address, 1 attempt, running')
  t.regex(line ?? '', /10 ms → … in flight$/)
})

test('of several attempts of an address it shows all, and tells of the last', t => {
  const [, line] = lines(traced([story(1, { attempts: [attempt(0, 100, { result: 'failed', error: new Error('No') }), attempt(300, 400, { result: 'connected' })] })]))
  t.is(line, '  /ip4/203.0.113.1/tcp/4001 |░░░░░░░░░░░                   ░░░░░░░░░░| 300 ms → 400 ms CONNECTED (attempt 2)')
})

test('the time to the connection is that to the first', t => {
  const [headline] = lines(traced([
    story(1, { attempts: [attempt(0, 900, { result: 'connected' })] }),
    story(2, { attempts: [attempt(100, 400, { result: 'connected' })] })
  ]))
  t.regex(headline ?? '', /connected in 400 ms$/)
})

test('a dial without an address is one line', t => {
  t.is(renderTrace(traced([], { endedAt: START, error: new Error('Nothing to dial') })), `dial ${PEER.toString()}  0 addresses, 0 attempts, failed after 0 ms: Error: Nothing to dial`)
})

test('an address behind a relay keeps the relay\'s name', t => {
  const relayed = cand('/ip4/203.0.113.1/tcp/1/p2p/12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM/p2p-circuit')
  const [, line] = lines(traced([{ candidate: relayed, listed: true, attempts: [] }]))
  t.regex(line ?? '', /^ {2}\/ip4\/203\.0\.113\.1\/tcp\/1\/p2p\/12D3KooW9xBQPBhK5VHb8qniBUZVxmS365bjfpQngjpBduihLiPM\/p2p-circuit \|/)
})

test('tells of a dial as it was', async t => {
  const trial = tryOut(t, pipeline(certified(), stagger(100), race()), preferring(cand(1), cand(2)))
  const certifiedOnes = [cand(1, { isCertified: true }), cand(2, { isCertified: true })]
  trial.script([cand(2)], { connects: 100 })
  trial.give({ candidates: [...certifiedOnes, cand(3)] })
  await trial.pass(300)
  const begun = trial.clock.now() - 300

  t.is(renderTrace({ id: '1', startedAt: begun, peerId: PEER, addresses: [...trial.host.story.addresses.values()] }), `
dial ${PEER.toString()}  3 addresses, 2 attempts, connected in 200 ms
  /ip4/203.0.113.1/tcp/4001 |░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░| 0 ms → … in flight
  /ip4/203.0.113.2/tcp/4001 |                    ░░░░░░░░░░░░░░░░░░░░| 100 ms → 200 ms CONNECTED
  /ip4/203.0.113.3/tcp/4001 |                                        | dropped by certified: not in a signed peer record`.trimStart())
})
