import test from 'ava'
import { newPeer } from '../helpers/scripted.ts'
import { connects, learning, systemError, to } from './learning.ts'
import type { Ending } from './learning.ts'

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
