import test from 'ava'
import { attemptsBar, sourceBar } from '../../src/trace/text-bar.ts'
import { attempt } from './sample.ts'

test('attempts and sources in flight are drawn to the present, not to the end of the axis', t => {
  const scale = { width: 10, until: 100, present: 50 }

  t.is(attemptsBar([attempt(0)], scale), '░░░░░›    ')
  t.is(sourceBar({ stage: 'from-dht', askedAt: 20, addresses: 0, isAwaited: true }, scale), '  ────    ')
  t.is(attemptsBar([attempt(0)], { width: 10, until: 100 }), '░░░░░░░░░›')
})

test('the bar of a source that its run has left ends there, without an end mark', t => {
  t.is(sourceBar({ stage: 'from-dht', askedAt: 20, endedAt: 50, addresses: 0, isAwaited: true }, { width: 10, until: 100 }), '  ────    ')
})

test('times beyond the axis are drawn at its ends', t => {
  t.is(attemptsBar([attempt(-50, 500)], { width: 10, until: 100 }), '░░░░░░░░░○')
})
