import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { adaptive } from '../../../presets/index.ts'
import { logNormal, seeded, shuffled } from '../../../bench/network/random.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { History } from '../../../src/history/history.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const random = seeded(20261128)

interface Remote {
  readonly addresses: Multiaddr[]
  readonly scripts: ReadonlyArray<readonly [address: string, script: Script]>
}

/** A peer with eight addresses, of which 30 % are good, but at least one. Of the others, 60 % are silent and 40 % refuse */
async function makeRemote (): Promise<Remote> {
  const peer = await newPeer()
  const roundTrip = logNormal(random, 80, 0.6)
  const good = Math.floor(random() * 8)
  const scripts = Array.from({ length: 8 }, (_, i) => {
    const octets = [45, 31, 0, 0].map((base, at) => base + Math.floor(random() * (at === 0 ? 1 : 200)))
    const script: Script = i === good || random() < 0.2 ? { connects: 3 * roundTrip + 9, firstResponse: roundTrip } : random() < 0.6 ? 'silent' : { refuses: roundTrip }

    return [`/ip4/${octets.join('.')}/tcp/4001`, script] as const
  })

  return { scripts, addresses: scripts.map(([address]) => multiaddr(`${address}/p2p/${peer.toString()}`)) }
}

async function start (remotes: readonly Remote[]): Promise<EngineWorld> {
  const world = engineWorld(adaptive())
  remotes.forEach(({ scripts }) => { scripts.forEach(([address, script]) => { world.network.script(address, script) }) })
  await world.clock.advance(1_000_000_000)

  return world
}

/** Dials remotes one after another. Returns the number of attempts and the milliseconds */
async function dialAll ({ clock, network, engine, components: { history } }: EngineWorld, remotes: readonly Remote[]): Promise<{ attempts: number, time: number }> {
  const before = network.attempts.length
  let time = 0

  for (const { addresses } of remotes) {
    const begun = clock.now()
    const connection = await clock.until(engine.dial(addresses))
    time += clock.now() - begun;
    (history as History).connected(connection.remotePeer, connection)
    await connection.close()
    await clock.advance(1_000)
  }

  return { attempts: network.attempts.length - before, time }
}

test('a node that merged five histories makes less than three quarters of a cold node\'s attempts, in no more time', async t => {
  const remotes = await Promise.all(Array.from({ length: 40 }, makeRemote))
  const texts: string[] = []

  for (let n = 0; n < 5; n++) {
    const member = await start(remotes)
    await dialAll(member, shuffled(remotes, random).slice(0, 16))
    texts.push(await (member.components.history as History).export())
  }

  const some = shuffled(remotes, random).slice(0, 20)
  const cold = await dialAll(await start(remotes), some)
  const warm = await start(remotes)

  for (const text of texts) {
    await (warm.components.history as History).merge(text)
  }

  const { attempts, time } = await dialAll(warm, some)
  t.log(`cold: ${cold.attempts} attempts, ${cold.time.toFixed(0)} ms; warm: ${attempts} attempts, ${time.toFixed(0)} ms`)
  t.true(attempts < cold.attempts * 3 / 4)
  t.true(time <= cold.time)
})
