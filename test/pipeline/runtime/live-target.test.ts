import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { markAddress, markOf, LiveTarget } from '../../../src/pipeline/runtime/live-target.ts'
import { PEER } from '../../../src/testing/compliance/samples.ts'
import { Part } from '../../../src/pipeline/runtime/part.ts'
import { settled, VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { DialHost } from '../../../src/pipeline/runtime/dial-host.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const [one, two] = [multiaddr('/ip4/203.0.113.1/tcp/1'), multiaddr('/ip4/203.0.113.2/tcp/1')]

test('a target starts with the requested addresses, deduplicated', t => {
  const { current, version } = new LiveTarget(PEER, [one, two, one])
  t.is(version, 0)
  t.is(current.peerId, PEER)
  t.deepEqual(current.multiaddrs.map(String), [one, two].map(String))
  t.true(Object.isFrozen(current))
  t.true(Object.isFrozen(current.multiaddrs))
})

test('new addresses raise the target\'s version, and known ones do not', t => {
  const target = new LiveTarget(PEER, [one])
  t.false(target.add([one]))
  t.is(target.version, 0)
  t.true(target.add([one, two]))
  t.is(target.version, 1)
  t.true(Object.isFrozen(target.current.multiaddrs))
  t.deepEqual(target.current.multiaddrs.map(String), [one, two].map(String))
})

test('another source for a known address raises the target\'s version and is merged', t => {
  const heard = markAddress(multiaddr(one.bytes), { provenance: [{ source: 'dht' }] })
  const target = new LiveTarget(PEER, [one])

  t.true(target.add([heard]))
  t.is(target.version, 1)
  t.deepEqual(target.current.multiaddrs.map(String), [String(one)])
  t.deepEqual(markOf(target.current.multiaddrs[0] as Multiaddr)?.provenance, [{ source: 'user' }, { source: 'dht' }])
  t.is(markOf(one), undefined, 'the object of the caller is not marked')

  t.false(target.add([heard, one]))
  t.is(target.version, 1)
})

test('two copies of an address are merged with both sources', t => {
  const { current } = new LiveTarget(PEER, [
    markAddress(multiaddr(one.bytes), { provenance: [{ source: 'derived' }], isImplied: true }),
    markAddress(multiaddr(one.bytes), { provenance: [{ source: 'certified' }], isCertified: true, isImplied: true })
  ])

  t.deepEqual(current.multiaddrs.map(markOf), [{ provenance: [{ source: 'derived' }, { source: 'certified' }], isCertified: true, isImplied: true, isVouched: false }])
})

test('an address that one caller names is not implied, even if another implies it', t => {
  const implied = markAddress(multiaddr(one.bytes), { provenance: [{ source: 'user' }], isImplied: true })

  for (const both of [[implied, one], [one, implied]]) {
    t.not(markOf(new LiveTarget(PEER, both).current.multiaddrs[0] as Multiaddr)?.isImplied, true)
  }
})

test('a target that was read does not change', t => {
  const target = new LiveTarget(PEER, [one])
  const before = target.current
  target.add([two])
  target.invalidate()
  t.is(before.multiaddrs.length, 1)
})

test('a new address and a failed attempt wake a waiting part', async t => {
  const target = new LiveTarget(PEER, [one])
  const part = new Part({ node: { clock: new VirtualClock(0) } } as unknown as DialHost)
  const { version, knowledge } = target

  target.add([two])
  await target.wake.wait(part, Infinity)
  t.deepEqual([target.version, target.knowledge], [version + 1, knowledge + 1])
  target.invalidate()
  await target.wake.wait(part, Infinity)
  t.deepEqual([target.version, target.knowledge], [version + 2, knowledge + 2])

  let isWoken = false
  const waiting = target.wake.wait(part, Infinity).then(() => { isWoken = true })
  target.add([two])
  await settled()
  t.false(isWoken, 'a known address is no news')
  target.invalidate()
  await waiting
})
