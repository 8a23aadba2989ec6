import test from 'ava'
import { pipeline } from '../../../src/pipeline/pipeline.ts'
import { Judgements } from '../../../src/pipeline/judgements.ts'
import { candidate } from '../../../src/pipeline/candidate.ts'
import { stage } from '../../../src/pipeline/authoring/stage.ts'
import { retry } from '../../../src/pipeline/combinators/retry.ts'
import { sleep } from '../../../src/pipeline/clock.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { fromPeerStore } from '../../../src/stages/from-peer-store.ts'
import { fromRouting } from '../../../src/stages/from-routing.ts'
import { gater } from '../../../src/stages/gater.ts'
import { race } from '../../../src/stages/race.ts'
import { settled } from '../../../src/testing/virtual-clock.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld, world } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DialPipeline } from '../../../src/pipeline/types.ts'

type Answer = boolean | Promise<boolean>

const found = [fromCaller(), fromPeerStore(), fromRouting({ when: 'always' })] as const

/** The caller and the peer store have one address. After 300 ms, routing finds it and another */
function named (dials: DialPipeline, answer: (asked: string, clock: VirtualClock) => Answer, scripts: Parameters<typeof engineWorld>[1] = { 1: { connects: 900 } }): EngineWorld & { asked: string[] } {
  const asked: string[] = []
  const made = engineWorld(dials, scripts, {
    stored: [{ multiaddr: address(1), isCertified: true }],
    routed: async () => {
      await sleep(300, made.clock, new AbortController().signal)

      return [address(1), address(2)]
    },
    connectionGater: {
      denyDialMultiaddr: multiaddr => {
        const text = multiaddr.toString().replace(/\/p2p\/.*/, '')
        asked.push(text)

        return answer(text, made.clock)
      }
    }
  })

  return { ...made, asked }
}

const both = [`${address(1)}`, `${address(2)}`]

for (const [how, answer] of [
  ['at once', () => false],
  ['after 10 ms', async (_asked: string, clock: VirtualClock) => { await sleep(10, clock, new AbortController().signal); return false }],
  ['after the routing has named it too', async (_asked: string, clock: VirtualClock) => { await sleep(500, clock, new AbortController().signal); return false }]
] as const) {
  for (const [where, dials] of [['with gater()', pipeline(...found, gater(), race())], ['without gater()', pipeline(...found, race())]] as const) {
    test(`${where}: asks the gater once about an address from three sources, when it answers ${how}`, async t => {
      const node = named(dials, answer)
      const peer = await newPeer()
      const connection = await node.clock.until(node.engine.dial(address(1, peer)))

      t.is(connection.remoteAddr.toString(), address(1, peer).toString())
      t.deepEqual(node.asked.filter(one => one === both[0]), [both[0]])
      t.true(node.asked.length <= 2)
      node.engine.stop()
    })
  }

  test(`a dial with retry() asks the gater once when it answers ${how}, and the next dial asks again`, async t => {
    const node = named(retry(pipeline(...found, gater(), race()), { retries: 2 }), answer, { 1: { refuses: 10 }, 2: { refuses: 10 } })
    const peer = await newPeer()

    for (const dials of [1, 2]) {
      await t.throwsAsync(node.clock.until(node.engine.dial(address(1, peer))), { name: 'AggregateError' })
      t.is(node.network.attempts.length, dials * 6)
      t.deepEqual(node.asked.toSorted(), both.flatMap(one => Array.from({ length: dials }, () => one)))
    }
  })
}

for (const [how, broken] of [
  ['throws', () => { throw new Error('broken') }],
  ['rejects', async () => { throw new Error('broken') }]
] as const) {
  test(`a gater that ${how} for an address is not asked again, and the address is not dialled`, async t => {
    let calls = 0
    const node = named(pipeline(...found, gater(), race()), asked => asked === both[0] && calls++ === 0 ? broken() : false, { 1: { connects: 10 }, 2: { connects: 500 } })
    const connection = await node.clock.until(node.engine.dial(address(1, await newPeer())))

    t.true(connection.remoteAddr.toString().startsWith(both[1] as string))
    t.deepEqual(node.asked, both)
    t.deepEqual(node.network.attempts.length, 1)
  })
}

test('an address stays in the list when another source names it while the gater\'s slow answer arrives', async t => {
  const lists: string[] = []
  const seen = stage('seen', () => ({ candidates }) => {
    lists.push(candidates.map(({ multiaddr }) => multiaddr.toString().replace(/\/p2p\/.*/, '')).join(' '))

    return candidates
  })
  const node = named(pipeline(...found, gater(), seen, race()), async () => false)
  await node.clock.until(node.engine.dial(address(1, await newPeer())))

  t.true(lists.includes(both.join(' ')))
  t.deepEqual(lists.slice(lists.findIndex(list => list !== '')).filter(list => !list.includes(`${address(1)}`)), [])
})

test('the gater is asked about the candidate\'s multiaddr, whatever its id', t => {
  const asked: string[] = []
  const { components } = world({}, { connectionGater: { denyDialMultiaddr: (multiaddr: Multiaddr) => { asked.push(`${multiaddr}`); return `${multiaddr}` === both[1] } } })
  const judgements = new Judgements(components)
  const good = candidate(address(1))
  const bad = Object.freeze({ ...candidate(address(2)), id: good.id })

  t.true(judgements.gate(good))
  t.false(judgements.gate(bad))
  t.deepEqual(asked, both)
})

test('gate() returns a late answer of the gater synchronously afterwards', async t => {
  const { components } = world({}, { connectionGater: { denyDialMultiaddr: async () => false } })
  const judgements = new Judgements(components)
  const first = judgements.gate(candidate(address(1)))
  t.not(typeof first, 'boolean')
  t.true(await first)
  await settled()
  t.true(judgements.gate(candidate(address(1))))
})

test('a ban after the gater\'s yes counts, and the gater is not asked again', t => {
  let isBanned = false
  let asked = 0
  const { components } = world({}, {
    bans: { reasonFor: () => isBanned ? 'banned' : undefined },
    connectionGater: { denyDialMultiaddr: () => { asked++; return false } }
  })
  const judgements = new Judgements(components)
  const answers = [true, false, true].map(allowed => {
    isBanned = !allowed

    return judgements.gate(candidate(address(1)))
  })

  t.deepEqual(answers, [true, false, true])
  t.is(asked, 1)
})
