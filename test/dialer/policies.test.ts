import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { Policies } from '../../src/dialer/policies.ts'
import { filter, pipeline } from '../../src/pipeline/index.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { engineWorld, newPeer } from '../helpers/scripted.ts'
import type { DialPolicy } from '../../src/pipeline/dial-policy.ts'

const byTier = filter('by-tier', () => true, { options: ['tier'] })

test('the key of a policy is made once', t => {
  let reads = 0
  const tier = new Proxy({ gold: true }, {
    ownKeys: one => {
      reads++

      return Reflect.ownKeys(one)
    }
  })
  const policies = new Policies({} as any)
  const policy: DialPolicy = { stages: [byTier], options: { tier } as object }

  t.is(policies.keyOf(policy), policies.keyOf(policy))
  t.is(policies.keyOf(policy), policies.keyOf({ stages: [byTier], options: { tier: { gold: true } } as object }))
  t.is(reads, 1)
})

test('the attempts of a race share one policy', async t => {
  const peer = await newPeer()
  const relays = await Promise.all([newPeer(), newPeer()])
  const { engine, clock } = engineWorld(pipeline(fromCaller(), byTier, race()))
  const seen = new Set<DialPolicy>()
  const { dial } = engine.attempts
  engine.attempts.dial = async function (candidate, request) {
    seen.add(request.policy)

    return dial.call(this, candidate, request)
  }
  await t.throwsAsync(clock.until(engine.dial(relays.map(relay => multiaddr(`/p2p/${relay}/p2p-circuit/p2p/${peer}`)))))

  t.deepEqual(Array.from(seen, ({ stages }) => stages), [[byTier]])
})
