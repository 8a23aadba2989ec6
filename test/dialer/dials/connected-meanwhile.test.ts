// the peer of a running dial opens a connection itself
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline, source } from '../../../src/pipeline/index.ts'
import { converge } from '../../../src/stages/converge.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { provenance } from '../../../src/stages/provenance.ts'
import { race } from '../../../src/stages/race.ts'
import { verify } from '../../../src/stages/verify.ts'
import { address } from '../../helpers/address.ts'
import { engineWorld } from '../../helpers/scripted.ts'
import { newPeer } from '../../helpers/signing-peer.ts'
import type { DialPipeline } from '../../../src/pipeline/types.ts'
import type { EngineWorld } from '../../helpers/scripted.ts'
import type { Script } from '../../../src/testing/scripted-network.ts'
import type { Connection, PeerId } from '@libp2p/interface'

const plain = pipeline(fromCaller(), provenance(), race())
/** A pipeline whose source never finds anything */
const looking = pipeline(fromCaller(), source('slow', async () => new Promise<never>(() => {})), provenance(), race())

interface Scene extends EngineWorld {
  readonly peer: PeerId
  /** Opens a connection from the peer */
  opens (connection?: Partial<Connection>): Connection
}

async function scene (stages: DialPipeline, scripts: Record<number, Script>): Promise<Scene> {
  const peer = await newPeer()
  const made = engineWorld(stages, scripts)

  return {
    ...made,
    peer,
    opens: init => {
      const connection = { id: 'inbound', direction: 'inbound', status: 'open', direct: true, remotePeer: peer, remoteAddr: address(9), ...init } as unknown as Connection
      made.components.connectionManager.getConnections = () => [connection]
      made.engine.onOpened(connection)

      return connection
    }
  }
}

for (const [name, stages] of Object.entries({ 'a dial': plain, 'a dial that verifies': pipeline(fromCaller(), race(), verify(async () => { throw new Error('never') })), 'a dial that lingers': pipeline(fromCaller(), race(), converge({ linger: 2_000 })) })) {
  test(`${name} whose address fails resolves with the connection that its peer opened meanwhile`, async t => {
    const { engine, clock, network, peer, opens } = await scene(stages, { 1: { refuses: 500 }, 2: { connects: 1 } })
    const dials = [engine.dial(address(1, peer)), engine.dial(address(1, peer))]
    await clock.advance(100)
    const inbound = opens()
    t.deepEqual(await clock.until(Promise.all(dials)), [inbound, inbound])
    await engine.dials.idle()
    t.is(network.attempts.length, 1)
    t.is(clock.pending, 0)
  })
}

test('a dial without attempts in flight resolves at once when its peer connects', async t => {
  const { engine, clock, peer, opens } = await scene(looking, { 1: { refuses: 100 } })
  const dial = engine.dial(address(1, peer))
  await clock.advance(1_000)
  const inbound = opens()
  t.is(await dial, inbound)
  t.is(clock.now(), 1_000)
})

test('an attempt in flight is not cancelled when the peer connects', async t => {
  const { engine, clock, network, peer, opens } = await scene(plain, { 1: { connects: 300 } })
  const dial = engine.dial(address(1, peer))
  await clock.advance(100)
  const inbound = opens()
  const connection = await clock.until(dial)
  t.not(connection, inbound)
  t.deepEqual(network.open, [connection])
})

test('an attempt silent for a second after its peer connected is given up, and no other address is dialled', async t => {
  const { engine, clock, network, peer, opens } = await scene(plain, { 1: 'silent', 2: { connects: 1 } })
  const dial = engine.dial([address(1, peer), address(2, peer)])
  await clock.advance(100)
  const inbound = opens()
  t.is(await clock.until(dial), inbound)
  t.true(clock.now() <= 1_500, `after ${clock.now()} ms`)
  t.is(network.attempts.length, 1)
})

for (const [include, isAnswer] of [['observed', true], ['user', false]] as const) {
  test(`a dial with provenance ['${include}'] whose address fails does ${isAnswer ? '' : 'not '}resolve with its peer's inbound connection`, async t => {
    const { engine, clock, peer, opens } = await scene(plain, { 1: { refuses: 500 } })
    const dial = engine.dial(address(1, peer), { provenance: ['user', include] })
    await clock.advance(100)
    const inbound = opens()

    if (isAnswer) {
      t.is(await clock.until(dial), inbound)
    } else {
      await t.throwsAsync(clock.until(dial), { name: 'Error' })
    }
  })
}

for (const [why, options, connection] of [
  ['with force', { force: true }, {}],
  ['after it has closed', {}, { status: 'closed' }],
  ['that this node has opened in another dial', {}, { direction: 'outbound' }]
] as const) {
  test(`a dial whose address fails does not resolve with a connection ${why}`, async t => {
    const { engine, clock, peer, opens } = await scene(plain, { 1: { refuses: 500 } })
    const dial = engine.dial(address(1, peer), options)
    await clock.advance(100)
    opens(connection)
    await t.throwsAsync(clock.until(dial), { name: 'Error' })
  })
}

test('a limited connection of the dial itself stays open while its address is being stored', async t => {
  const [relay, peer] = [await newPeer(), await newPeer()]
  const circuit = multiaddr(`/ip4/192.0.2.100/tcp/4001/p2p/${relay}/p2p-circuit/p2p/${peer}`)
  const { engine, clock, components, network } = engineWorld(plain, { 1: { refuses: 300 } })
  network.script(circuit.toString(), { connects: 12, isLimited: true })
  components.connectionManager.getConnections = () => network.open
  components.peerStore.merge = async () => new Promise(resolve => { clock.setTimeout(() => { resolve({} as any) }, 200) })

  const connection = await clock.until(engine.dial([address(1, peer), circuit]))
  await engine.dials.idle()
  t.is(connection.status, 'open')
})
