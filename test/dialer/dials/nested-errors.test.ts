import { inspect } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { pipeline } from '../../../src/pipeline/index.ts'
import { fromCaller } from '../../../src/stages/from-caller.ts'
import { publicAddresses } from '../../../src/stages/public-addresses.ts'
import { race } from '../../../src/stages/race.ts'
import { behindRelay, circuit, node, PEER, PRIVATE, RELAY } from '../behind-relay.ts'
import { newPeer } from '../../helpers/signing-peer.ts'

const publicly = pipeline(fromCaller(), publicAddresses(), race())

for (const [how, stored, target] of [
  ['by itself', [], multiaddr(`/dns4/8.8.8.8\\evil.com/tcp/1/p2p/${PEER}`)],
  ['as the address of a relay', [], circuit('/dns4/8.8.8.8\\evil.com/tcp/1')],
  ['as a stored address of a relay', ['/dns4/8.8.8.8\\evil.com/tcp/1'], circuit()],
  ['behind another', [], multiaddr(`/ip4/198.41.0.1/tcp/443/tls/sni/8.8.8.8@evil.com/ws/p2p/${PEER}`)]
] as const) {
  test(`a name that no host can have is not dialled ${how}`, async t => {
    const { engine, clock, dialled } = behindRelay(node, { stored: [...stored] })

    const error = await t.throwsAsync(clock.until(engine.dial(target)))
    t.regex(inspect(error, { depth: 9 }), /no host name has "(\\\\|@)/)
    t.deepEqual(dialled(), [])
  })
}

test('the error of a denied relay names it as the relay of the peer', async t => {
  const other = await newPeer()
  const { engine, clock, components } = behindRelay(node, { stored: [PRIVATE] })
  const refused = [PEER, other].map(async peer => engine.dial(multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${peer}`), { pipeline: publicly }).then(() => '', ({ message }) => String(message)))

  for (const message of await clock.until(Promise.all(refused))) {
    t.true(message.startsWith(`The dial request has no valid addresses for peer: ${RELAY}, the relay on the way to ${PEER}, ${other} (1 dropped by public-addresses: a private address (${PRIVATE}))`), message)
  }

  components.connectionGater.denyDialPeer = peer => RELAY.equals(peer)
  await t.throwsAsync(clock.until(engine.dial(circuit())), { name: 'DialDeniedError', message: `The dial request is blocked by gater.allowDialPeer for peer: ${RELAY}, the relay on the way to ${PEER} (/p2p/${RELAY}/p2p-circuit)` })
  await t.throwsAsync(clock.until(engine.dial(RELAY)), { name: 'DialDeniedError', message: 'The dial request is blocked by gater.allowDialPeer' })
})

test('the error of a relay that the gater denies late names all peers it was dialled for', async t => {
  const other = await newPeer()
  const { engine, clock, components } = behindRelay(node, { stored: [PRIVATE] })
  components.connectionGater.denyDialPeer = async peer => RELAY.equals(peer) && new Promise(resolve => { clock.setTimeout(() => { resolve(true) }, 100) })
  const refused = Promise.all([PEER, other].map(async peer => t.throwsAsync(engine.dial(multiaddr(`/p2p/${RELAY}/p2p-circuit/p2p/${peer}`)), { name: 'DialDeniedError' })))

  for (const { message } of await clock.until(refused)) {
    t.true(message.startsWith(`The dial request is blocked by gater.allowDialPeer for peer: ${RELAY}, the relay on the way to ${PEER}, ${other}`), message)
  }
})
