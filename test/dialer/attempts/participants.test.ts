import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { Participants } from '../../../src/dialer/attempts/participants.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import type { Participant } from '../../../src/dialer/attempts/participants.ts'
import type { Connection } from '@libp2p/interface'

function participant (init: Partial<Participant> = {}, listener: Partial<Participant['listener']> = {}): Participant {
  const ignore = (): void => {}

  return { dial: { priority: 50, progress: ignore }, policy: {}, hasLeftPrefixSlots: false, onStart: ignore, onConnected: ignore, onFailed: ignore, ...init, listener: { onHeld: ignore, onFirstResponse: ignore, onMark: ignore, ...listener } } as unknown as Participant
}

/** Records the participants that take slots and that release them */
function participants (events: string[] = []): Participants {
  return new Participants({ join: () => { events.push('takes') }, quit: () => { events.push('gives back') } })
}

test('a dial that joins an attempt hears all earlier events in order', t => {
  const all = participants()
  const heard: unknown[] = []
  all.start(1)
  all.respond(2)
  all.progress({}, 'mark', 3, candidate(multiaddr('/ip4/192.0.2.1/tcp/1')))
  const joining = participant({ onStart: at => { heard.push(at) } }, { onFirstResponse: at => { heard.push(at) }, onMark: (type, at) => { heard.push(`${type} ${at}`) } })
  all.join(joining)

  t.deepEqual(heard, [1, 2, 'mark 3'])
})

test('a dial that leaves in onStart hears no more events', t => {
  const all = participants()
  all.start(1)
  all.respond(2)
  const leaving = participant({ onStart: () => { all.leave(leaving) } }, {
    onFirstResponse: () => { t.fail('is told more') }
  })
  t.false(all.join(leaving))
  t.is(all.size, 0)
})

test('a dial that makes another leave in onFailed is the only one that hears the failure', t => {
  const all = participants()
  const other = participant({ onFailed: () => { t.fail('has left') } })
  all.join(participant({ onFailed: () => { all.leave(other) } }))
  all.join(other)
  all.fail(new Error('refused'))

  t.is(all.size, 0)
  t.true(all.isSettled)
})

test('the priority of an attempt is the highest of its dials, and undefined without dials', t => {
  const all = participants()
  t.is(all.priority, undefined)

  for (const priority of [50, 75, 10]) {
    all.join(participant({ dial: { priority } as unknown as Participant['dial'] }))
  }

  t.is(all.priority, 75)
})

test('each dial of an attempt takes slots, and releases them when it leaves or the attempt fails', t => {
  const events: string[] = []
  const all = participants(events)
  const [leaving, failing] = [participant(), participant()]
  all.join(leaving)
  all.join(failing)
  all.leave(leaving)
  all.leave(leaving)
  all.fail(new Error('refused'))

  t.deepEqual(events, ['takes', 'takes', 'gives back', 'gives back'])
})

test('a dial that joins an attempt twice releases its slots once', t => {
  const events: string[] = []
  const all = participants(events)
  const first = participant()
  const second = participant({ dial: first.dial })
  all.join(first)
  all.join(second)
  all.leave(first)
  t.deepEqual(events, ['takes', 'takes'])

  all.leave(second)
  t.deepEqual(events, ['takes', 'takes', 'gives back'])
})

test('a dial that received the connection keeps its slots', t => {
  const events: string[] = []
  const all = participants(events)
  all.join(participant())
  all.connect({} as unknown as Connection)

  t.deepEqual(events, ['takes'])
  t.is(all.size, 0)
})
