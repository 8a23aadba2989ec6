import test from 'ava'
import { ReasonLabels } from '../../src/metrics/reason-labels.ts'

test('a reason label has the stage and the beginning of the reason, without numbers and messages', t => {
  const labels = new ReasonLabels()

  t.is(labels.of('backoff', 'failed 3 times, next try in 5 s'), 'backoff: failed')
  t.is(labels.of('from-routing', 'over the limit of 25 addresses'), 'from-routing: over the limit')
  t.is(labels.of('mine/by-reputation', 'could not be rated: the database is down'), 'mine/by-reputation: could not be rated')
  t.is(labels.of('dialable', 'no transport'), 'dialable: no transport')
  t.is(labels.of('long', 'x'.repeat(1_000)).length, 64)
  t.is(labels.of('gater', 'denied by connectionGater.denyDialMultiaddr'), 'gater: denied by connectionGater.denyDialMultiaddr')
})

test('1,000 different reasons of a filter make 64 labels, and other', t => {
  const labels = new ReasonLabels()
  const made = Array.from({ length: 1_000 }, (_, i) => labels.of('mine', `bad ${String.fromCodePoint(0x4e00 + i)}`))

  t.is(new Set(made).size, 65)
  t.is(made.at(-1), 'other')
  t.is(labels.of('mine', `bad ${String.fromCodePoint(0x4e00)}`), made[0] ?? '')
})
