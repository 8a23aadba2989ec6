import test from 'ava'
import { Story } from '../../../src/pipeline/runtime/story.ts'
import { cand } from '../../testing/try-out.ts'

const [a, b] = [cand(1), cand(2)]

test('two candidate objects of one address have one story', t => {
  const story = new Story()
  t.is(story.of(a), story.of(cand(1, { isCertified: true })))
  t.not(story.of(a), story.of(b))
  t.deepEqual([...story.addresses.keys()], [a.id, b.id])
})

test('errors has the newest error of each address', t => {
  const story = new Story()
  const [first, second, other] = [new Error('first'), new Error('second'), new Error('other')]
  story.of(a).attempts.push({ requestedAt: 0, error: first }, { requestedAt: 1, error: second }, { requestedAt: 2 })
  story.of(b).attempts.push({ requestedAt: 0, error: other })
  story.of(cand(3))
  t.deepEqual(story.errors, [second, other])
})

test('settled() resolves when no attempt is in flight', async t => {
  const story = new Story()
  await story.settled()
  const one = story.begin(a, 0)
  const two = story.begin(a, 0)
  let settled = false
  const done = story.settled().then(() => { settled = true })
  story.end(one, 1)
  await Promise.resolve()
  t.false(settled)
  story.end(two, 2)
  await done
  t.deepEqual(story.of(a).attempts.map(({ endedAt }) => endedAt), [1, 2])
})
