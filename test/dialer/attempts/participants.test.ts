import test from 'ava'
import { Participants } from '../../../src/dialer/attempts/participants.ts'
import type { Participant } from '../../../src/dialer/attempts/participants.ts'

function participant (listeners: Partial<Participant> = {}): Participant {
  const ignore = (): void => {}

  return { dial: { priority: 50 }, policy: {}, hasLeftPlace: false, onHeld: ignore, onStart: ignore, onFirstResponse: ignore, onMark: ignore, onProgress: ignore, ...listeners } as unknown as Participant
}

test('a dial that joins hears all that has happened, in order', t => {
  const participants = new Participants()
  const heard: unknown[] = []
  participants.start(1)
  participants.respond(2)
  participants.progress({}, 'mark', 3)
  participants.replay(participant({ onStart: () => { t.fail('is no part of it') } }))

  const joining = participant({ onStart: at => { heard.push(at) }, onFirstResponse: at => { heard.push(at) }, onMark: (type, at) => { heard.push(`${type} ${at}`) } })
  participants.add(joining)
  participants.replay(joining)

  t.deepEqual(heard, [1, 2, 'mark 3'])
})

test('a dial that leaves when it hears that the attempt has started hears no more', t => {
  const participants = new Participants()
  participants.start(1)
  participants.respond(2)
  const leaving = participant({
    onStart: () => { participants.delete(leaving) },
    onFirstResponse: () => { t.fail('is told more') }
  })
  participants.add(leaving)
  participants.replay(leaving)

  t.is(participants.size, 0)
})

test('a dial that has another leave when it hears the end is the only one that hears it', t => {
  const participants = new Participants()
  const other = participant({ onFailed: () => { t.fail('has left') } })
  participants.add(participant({ onFailed: () => { participants.delete(other) } }))
  participants.add(other)
  participants.fail(new Error('refused'))

  t.is(participants.size, 0)
  t.true(participants.isSettled)
})

test('the priority is the highest of the dials, and none has none', t => {
  const participants = new Participants()
  t.is(participants.priority, undefined)

  for (const priority of [50, 75, 10]) {
    participants.add(participant({ dial: { priority } as unknown as Participant['dial'] }))
  }

  t.is(participants.priority, 75)
})
