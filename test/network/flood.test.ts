import test from 'ava'
import { multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../../src/address/scope.ts'
import { runInNamespace, whatIsMissing } from '../helpers/network/namespace.ts'
import { FLOOD, floodOf, GOOD } from './flood-answer.ts'
import type { FloodInit } from './flood-answer.ts'
import type { FloodResult, FloodScene } from './flood-scenes.ts'
import type { ExecutionContext } from 'ava'

// One peer of a real DHT names 2,000 addresses of the dialled peer in one answer. Each address behaves as its name says
// (test/helpers/network): nearly all private ones lead to the peer, faster than the good one.

/** Eight of 2,000 addresses look public. The good one is the last of all */
const FEW: FloodInit = { publicCount: 8, goodAt: 7, junk: 'silent', order: 'last' }

/** 500 addresses look public. The good one is the eighth of them */
const MANY: FloodInit = { publicCount: 500, goodAt: 7, junk: 'silent', order: 'spread' }

/** 500 addresses look public. The good one is the last of them, and indistinguishable */
const LOST: FloodInit = { publicCount: 500, goodAt: 499, junk: 'refuses', order: 'spread' }

/** No address looks public */
const NONE: FloodInit = { publicCount: 0, goodAt: 0, junk: 'silent', order: 'last' }

const presets = ['adaptive', 'publicOnly'] as const
const control: FloodScene = { preset: 'unguarded', says: FEW }
const scenes = [
  ...presets.flatMap((preset): FloodScene[] => [
    { preset, says: FEW },
    { preset, says: MANY },
    { preset, says: LOST },
    { preset, says: LOST, hasHonest: true },
    { preset, says: NONE, isLater: true }
  ]),
  control
]

/** The node's `maxPeerAddrsToDial`, and 8 that the book takes from the reporter after those have failed */
const MAX_ATTEMPTS = 33

const missing = whatIsMissing()
let played: Promise<FloodResult[]> | undefined

async function play (): Promise<FloodResult[]> {
  let output = ''
  const code = await runInNamespace(new URL('./flood-process.ts', import.meta.url), [JSON.stringify(scenes)], { onOutput: text => { output += text } })

  if (code !== 0) {
    throw new Error(`it ended with ${code}`)
  }

  return JSON.parse(output) as FloodResult[]
}

function flooded (title: string, isMeant: (scene: FloodScene) => boolean, look: (t: ExecutionContext, result: FloodResult, scene: FloodScene) => void): void {
  if (missing != null) {
    test.skip(`${title} (${missing})`, () => {})
    return
  }

  test(title, async t => {
    played ??= play()
    const results = await played
    const meant = scenes.filter(isMeant)

    t.true(meant.length > 0)
    meant.forEach(scene => { look(t, results[scenes.indexOf(scene)] as FloodResult, scene) })
  })
}

test('the flood\'s answers have the addresses that its tests assume', t => {
  for (const says of [FEW, MANY, LOST]) {
    const addresses = floodOf(says)
    const scopes = addresses.map(address => scopeOf(multiaddr(address)))

    t.is(new Set(addresses).size, FLOOD)
    t.is(scopes.filter(scope => scope === 'public').length, says.publicCount)
    t.deepEqual([...new Set(scopes)].toSorted((a, b) => a.localeCompare(b)), ['link-local', 'loopback', 'private', 'public'])
    t.is(addresses.filter((_, i) => scopes[i] === 'public').indexOf(GOOD), says.goodAt)
  }

  t.true(['/ip4/10.1.0.34/tcp/4001', '/ip4/127.0.0.1/tcp/4001', '/ip4/169.254.169.254/tcp/80'].every(address => floodOf(FEW).includes(address)))
  t.is(floodOf(FEW).indexOf(GOOD), FLOOD - 1)
})

for (const preset of presets) {
  flooded(`${preset}: connects to the good one of 2,000 addresses when few public-looking ones come before it`, scene => scene.preset === preset && [FEW, MANY].includes(scene.says), (t, { connectedTo, peer, error }) => {
    t.is(connectedTo, `${GOOD}/p2p/${peer}`, error)
  })

  flooded(`${preset}: fails within the attempt caps when the good address is one of 500 alike`, scene => scene.preset === preset && scene.says === LOST && scene.hasHonest !== true, (t, { error, mostInOneDial }) => {
    t.regex(error ?? '', /^AggregateError/)
    t.true(mostInOneDial >= 16 && mostInOneDial <= MAX_ATTEMPTS, `${mostInOneDial}`)
  })

  flooded(`${preset}: one honest DHT peer is enough to connect to the good one of 500 alike`, scene => scene.preset === preset && scene.hasHonest === true, (t, { connectedTo, peer, error }) => {
    t.is(connectedTo, `${GOOD}/p2p/${peer}`, error)
  })

  flooded(`${preset}: keeps and dials no more addresses than the caps allow`, scene => scene.preset === preset && scene.says !== NONE, (t, { stored, kept, keptPrivate, keptOfReporter, listed, mostInOneDial }) => {
    t.true(stored >= FLOOD, 'the answer was heard')
    t.true(kept > 0 && kept <= 16, `${kept}`)
    t.is(keptOfReporter, 8)
    t.is(keptPrivate, 0)
    t.true(listed <= MAX_ATTEMPTS, `${listed}`)
    t.true(mostInOneDial <= MAX_ATTEMPTS, `${mostInOneDial}`)
  })
}

flooded('publicOnly: dials none of the private addresses that the peer store still has', scene => scene.preset === 'publicOnly' && scene.isLater === true, (t, { error, dialled, stored }) => {
  t.true(stored >= FLOOD)
  t.regex(error ?? '', /^NoValidAddressesError/)
  t.deepEqual(dialled, [])
})

flooded('publicOnly: dials no private address, and opens no other socket', scene => scene.preset === 'publicOnly', (t, { dialled, opened, peer }) => {
  t.deepEqual(dialled.filter(address => scopeOf(multiaddr(address)) !== 'public'), [])
  t.true(dialled.every(address => address.endsWith(`/p2p/${peer}`)))
  // an answered DHT query ends its dial, perhaps before the transport has opened a socket
  t.true(opened <= dialled.length, `${opened} of ${dialled.length}`)
})

flooded('without the scope stage, private addresses are dialled and connect', scene => scene === control, (t, { connectedTo, dialled }) => {
  t.true(dialled.some(address => scopeOf(multiaddr(address)) !== 'public'))
  t.not(connectedTo, undefined)
  t.not(scopeOf(multiaddr(connectedTo ?? '')), 'public')
})
