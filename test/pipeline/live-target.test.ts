import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { markAddress, markOf } from '../../src/pipeline/address-marks.ts'
import { LiveTarget } from '../../src/pipeline/live-target.ts'
import { PEER } from '../../src/testing/compliance/samples.ts'
import { settled } from '../../src/testing/virtual-clock.ts'
import type { Target } from '../../src/pipeline/types.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [one, two] = [multiaddr('/ip4/203.0.113.1/tcp/1'), multiaddr('/ip4/203.0.113.2/tcp/1')]

function follow (target: LiveTarget): { seen: Target[], controller: AbortController, done: Promise<void> } {
  const controller = new AbortController()
  const seen: Target[] = []
  const done = (async () => {
    for await (const state of target.follow(controller.signal)) {
      seen.push(state)
    }
  })()
  done.catch(() => {})

  return { seen, controller, done }
}

test('begins with what was asked for, without repetitions', t => {
  const { current } = new LiveTarget(PEER, [one, two, one])
  t.is(current.revision, 0)
  t.is(current.peerId, PEER)
  t.deepEqual(current.multiaddrs.map(String), [one, two].map(String))
  t.true(Object.isFrozen(current))
})

test('new addresses raise it, known ones do not', t => {
  const target = new LiveTarget(PEER, [one])
  t.false(target.add([one]))
  t.is(target.current.revision, 0)
  t.true(target.add([one, two]))
  t.is(target.current.revision, 1)
  t.deepEqual(target.current.multiaddrs.map(String), [one, two].map(String))
})

test('another word for a known address raises it, and the address has both from then on', t => {
  const heard = markAddress(multiaddr(one.bytes), { provenance: [{ source: 'dht' }] })
  const target = new LiveTarget(PEER, [one])

  t.true(target.add([heard]))
  t.is(target.current.revision, 1)
  t.deepEqual(target.current.multiaddrs.map(String), [String(one)])
  t.deepEqual(markOf(target.current.multiaddrs[0] as Multiaddr)?.provenance, [{ source: 'user' }, { source: 'dht' }])
  t.is(markOf(one), undefined, 'the object of the caller is not marked')

  t.false(target.add([heard, one]))
  t.is(target.current.revision, 1)
})

test('two copies of an address at the beginning are one, with both words', t => {
  const { current } = new LiveTarget(PEER, [
    markAddress(multiaddr(one.bytes), { provenance: [{ source: 'derived' }], isImplied: true }),
    markAddress(multiaddr(one.bytes), { provenance: [{ source: 'certified' }], isCertified: true, isImplied: true })
  ])

  t.deepEqual(current.multiaddrs.map(markOf), [{ provenance: [{ source: 'derived' }, { source: 'certified' }], isCertified: true, isImplied: true, isVouched: false }])
})

test('an address that one caller names is not implied, whoever else implies it', t => {
  const implied = markAddress(multiaddr(one.bytes), { provenance: [{ source: 'user' }], isImplied: true })

  for (const both of [[implied, one], [one, implied]]) {
    t.not(markOf(new LiveTarget(PEER, both).current.multiaddrs[0] as Multiaddr)?.isImplied, true)
  }
})

test('a state that was yielded does not change', t => {
  const target = new LiveTarget(PEER, [one])
  const before = target.current
  target.add([two])
  target.raise()
  t.is(before.revision, 0)
  t.is(before.multiaddrs.length, 1)
})

test('whoever follows is given the newest state, and may skip others', async t => {
  const target = new LiveTarget(PEER, [])
  const { seen, controller } = follow(target)
  await settled()
  target.raise()
  target.raise()
  await settled()
  const late = follow(target)
  await settled()
  t.deepEqual(seen.map(({ revision }) => revision), [0, 2])
  t.deepEqual(late.seen.map(({ revision }) => revision), [2])
  controller.abort()
  late.controller.abort()
})

test('it never ends by itself, and with the signal it does', async t => {
  const target = new LiveTarget(PEER, [])
  const { controller, done } = follow(target)
  let ended = false
  const watched = done.catch(() => { ended = true })
  await settled()
  t.false(ended)
  controller.abort(new Error('Enough'))
  await t.throwsAsync(done, { message: 'Enough' })
  await watched
})
