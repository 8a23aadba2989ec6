import test from 'ava'
import { ResolvedNames } from '../../src/history/resolved-names.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { connects, learning, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'
import type { Candidate } from '../../src/pipeline/types.ts'

const peer = await newPeer()
const one = to('/dns4/one.example.org/tcp/1', peer)
const other = to('/dns4/other.example.org/tcp/1')
const answers: Array<[string, Ending]> = [
  ['connects', connects],
  ['refuses', { fails: 20, error: systemError('ECONNREFUSED') }],
  ['fails its handshake', { fails: 80, heard: 30, error: systemError('ECONNRESET') }],
  ['has no route', { fails: 1, error: systemError('ENETUNREACH') }]
]

for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
  const unresolved: Ending = { fails: 1, error: systemError(code) }

  test(`an attempt that fails with ${code} is not recorded when no other name resolves`, t => {
    const { history, attempt } = learning()
    attempt(one, connects)
    const known = history.estimate(one)
    attempt(to('/ip4/7.7.7.7/tcp/1'), connects)
    attempt(one, unresolved)
    attempt(one, unresolved)

    t.is(history.failures(one), undefined)
    t.deepEqual(history.estimate(one), known)
  })

  for (const address of ['/dns4/One.Example.org./tcp/2', '/dns4/127.0.0.1/tcp/1', '/dns4/localhost/tcp/1']) {
    test(`an attempt that fails with ${code} is not recorded after one to ${address}, which proves no resolution`, t => {
      const { history, attempt } = learning()
      attempt(to(address), connects)
      attempt(one, unresolved)
      t.is(history.failures(one), undefined)
    })
  }

  for (const [what, ending] of answers) {
    test(`an attempt that fails with ${code} is a failure for 10 s after another name ${what}`, async t => {
      const { history, attempt, clock } = learning()
      attempt(other, ending)
      attempt(one, connects)
      await clock.advance(9_999)
      attempt(one, unresolved)
      t.is(history.failures(one)?.count, 1)

      await clock.advance(1)
      attempt(one, unresolved)
      t.is(history.failures(one)?.count, 1)
    })
  }
}

test('the two names resolved last show for 10 s that other names resolve', t => {
  const names = new ResolvedNames()
  const [a, b, c, ip] = ['/dns4/a.example', '/dns4/b.example', '/dns4/c.example', '/ip4/7.7.7.7'].map(host => to(`${host}/tcp/1`)) as [Candidate, Candidate, Candidate, Candidate]
  names.resolved(a, 0)
  t.deepEqual([a, b].map(name => names.hasOther(name, 0)), [false, true])
  t.deepEqual([9_999, 10_000].map(at => names.hasOther(b, at)), [true, false])

  const more = new ResolvedNames()
  ;[[a, 5_000], [b, 0], [c, 0]].forEach(([name, at]) => { more.resolved(name as Candidate, at as number) })
  t.false(more.hasOther(ip, 12_000), 'the first of three is forgotten')

  // a name that resolves again becomes the latest
  names.resolved(b, 0)
  names.resolved(a, 9_000)
  names.resolved(c, 9_000)
  t.true(names.hasOther(c, 10_000))
  names.resolved(ip, 9_000)
  t.true(names.hasOther(c, 10_000), 'an IP address is no name')
  t.false(names.hasOther(c, 19_000))
})
