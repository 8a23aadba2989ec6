import { once } from 'node:events'
import { inspect } from 'node:util'
import test from 'ava'
import { addressBook } from '../../src/address-book/index.ts'
import { pipeline } from '../../src/pipeline/index.ts'
import { fromCaller, race } from '../../src/stages/index.ts'
import { addressesOf, dialling, listening, mute } from '../libp2p/kit.ts'

test('console.log() of a dialer shows its pipeline and state', async t => {
  const [node, remote, silent] = await Promise.all([dialling(t, pipeline('mine', fromCaller(), race()), { services: { addressBook: addressBook() } }), listening(t), mute(t)])
  const { dialer } = node.services
  await node.dial(addressesOf(remote))
  const controller = new AbortController()
  const started = once(dialer, 'attempt:start')
  const dial = t.throwsAsync(node.dial(silent.multiaddr, { signal: controller.signal }), { name: 'AbortError' })
  await started

  t.is(inspect(dialer), `Object [libp2p-dial-pipeline] {
  isAttached: true,
  pipeline: mine {
    from-caller
    race
  },
  dials: { running: 1, waiting: 0, lingering: 0 },
  slots: { used: 1, waiting: 0, limit: 480 },
  history: { addresses: 1, peers: 1, failing: 0 },
  bans: 0,
  addressBook: { peers: 1, addresses: 1, pins: 0 }
}`)
  controller.abort()
  await dial
  dialer.detach()
  t.regex(inspect(dialer), /isAttached: false/)
})

test('the history ranks sources by the trust of the address book', async t => {
  const node = await dialling(t, pipeline('mine', fromCaller(), race()), { services: { addressBook: addressBook({ trust: { tracker: 'configured' } }) } })
  t.deepEqual(node.services.dialer.history.trust(), new Map([['tracker', 'configured']]))
})
