import test from 'ava'
import { AttemptGroup } from '../../../src/dialer/attempts/attempt-group.ts'
import type { AttemptRequest } from '../../../src/dialer/attempts/attempt-request.ts'

function request ({ signal = new AbortController().signal, ...listeners }: Partial<AttemptRequest> = {}): AttemptRequest {
  return { signal, charged: new AbortController().signal, dial: { priority: 50 }, policy: {}, onStart: () => {}, onFirstResponse: () => {}, onProgress: () => {}, ...listeners } as unknown as AttemptRequest
}

function running (): { group: AttemptGroup, reasons: unknown[] } {
  const reasons: unknown[] = []
  const group = new AttemptGroup({ slots: { join: () => {}, leave: () => {} }, onCharged: () => {}, onEmpty: reason => { reasons.push(reason) } })

  return { group, reasons }
}

test('a dial that joins hears all that has happened, in order', async t => {
  const { group } = running()
  const heard: unknown[] = []
  void group.join(request())
  group.start(1)
  group.respond(2)
  group.progress({ type: 'mark' }, 3)
  void group.join(request({ onStart: at => { heard.push(at) }, onFirstResponse: at => { heard.push(at) }, onMark: (type, at) => { heard.push(`${type} ${at}`) } }))

  t.deepEqual(heard, [1, 2, 'mark 3'])
})

test('a dial that leaves when it hears that the attempt has started is no part of it, and hears no more', async t => {
  const { group, reasons } = running()
  const [first, second] = [new AbortController(), new AbortController()]
  const left = t.throwsAsync(group.join(request({ signal: first.signal })), { message: 'left' })
  group.start(1)
  group.respond(2)

  await t.throwsAsync(group.join(request({
    signal: second.signal,
    onStart: () => { second.abort(new Error('too old')) },
    onFirstResponse: () => { t.fail('is told more') }
  })), { message: 'too old' })
  t.is(group.size, 1)

  const reason = new Error('left')
  first.abort(reason)
  await left
  t.deepEqual([group.size, reasons], [0, [reason]])
})
