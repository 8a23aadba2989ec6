// errors of a real node that another attempt cannot help, and errors that it can
import { UnexpectedPeerError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { isFinal, isWrongPeer } from '../../src/pipeline/errors.ts'
import { pipeline, retry } from '../../src/pipeline/index.ts'
import { attemptRetry } from '../../src/stages/attempt-layers.ts'
import { fromCaller } from '../../src/stages/from-caller.ts'
import { race } from '../../src/stages/race.ts'
import { refused } from '../helpers/refused.ts'
import { newPeer } from '../helpers/signing-peer.ts'
import { addressesOf, dialling, listening } from './kit.ts'
import type { DialerNodeOptions } from './kit.ts'
import type { ConnectionEncrypter, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

/** Tries each address up to three times, and the whole dial up to twice */
const stubborn = retry(pipeline(fromCaller(), race({ attempt: [attemptRetry(2, { delay: 1 })] })), { delay: 1 })

/** Returns the error of a dial and the number of attempts */
async function failure (t: ExecutionContext, target: Multiaddr, options: DialerNodeOptions = {}): Promise<{ error: any, tries: number, node: Libp2p }> {
  const node = await dialling(t, stubborn, options)
  const { transportManager } = (node as any).components
  const { dial } = transportManager
  let tries = 0
  transportManager.dial = async (...args: unknown[]) => {
    tries++

    return dial.apply(transportManager, args)
  }

  return { error: await t.throwsAsync(node.dial(target)), tries, node }
}

for (const transport of ['tcp', 'ws'] as const) {
  test(`noise over ${transport}: another peer's answer is a final error`, async t => {
    const [remote, peer] = await Promise.all([listening(t), newPeer()])
    const { error, tries } = await failure(t, addressesOf(remote, transport)[0].decapsulate('/p2p').encapsulate(`/p2p/${peer}`))

    t.is(error.name, 'EncryptionFailedError')
    t.true(isWrongPeer(error), error.message)
    t.is(tries, 1)
  })
}

test('an UnexpectedPeerError of an encrypter is final', async t => {
  /** Throws the error of an encrypter for an unexpected peer */
  const encrypter = (): ConnectionEncrypter => ({
    protocol: '/noise',
    secureOutbound: async () => { throw new UnexpectedPeerError() },
    secureInbound: async () => { throw new UnexpectedPeerError() }
  })
  const [remote, peer] = await Promise.all([listening(t), newPeer()])
  const { error, tries } = await failure(t, addressesOf(remote)[0].decapsulate('/p2p').encapsulate(`/p2p/${peer}`), { connectionEncrypters: [encrypter] })

  t.is(error.name, 'EncryptionFailedError')
  t.true(isWrongPeer(error), error.message)
  t.is(tries, 1)
})

for (const hook of ['denyDialMultiaddr', 'denyOutboundConnection', 'denyOutboundEncryptedConnection', 'denyOutboundUpgradedConnection'] as const) {
  test(`a denial by the gater's ${hook} is final`, async t => {
    const remote = await listening(t)
    const { error, tries } = await failure(t, addressesOf(remote)[0], { connectionGater: { [hook]: () => true } })

    t.true(isFinal(error), `${error}`)
    t.is(tries, hook === 'denyDialMultiaddr' ? 0 : 1)
  })
}

test('a missing transport and a dial of the node itself are errors that no retry repeats', async t => {
  const peer = await newPeer()
  const { error, tries } = await failure(t, multiaddr(`/ip4/127.0.0.1/udp/4001/quic-v1/p2p/${peer}`))
  t.true(isFinal(error), `${error}`)
  t.is(tries, 0)

  const node = await dialling(t, stubborn, { listen: ['/ip4/127.0.0.1/tcp/0'] })
  const own = await t.throwsAsync(node.dial(addressesOf(node)[0].decapsulate('/p2p')))
  t.true(isFinal(own), `${own}`)
})

test('a refusal, and a remote without a common protocol, are not final errors', async t => {
  const { multiaddr: bad } = await refused()
  const { error, tries } = await failure(t, bad)
  t.false(isFinal(error), `${error}`)
  t.is(tries, 6)

  const remote = await listening(t, { connectionEncrypters: [() => ({ protocol: '/other', secureInbound: async () => { throw new Error('never') }, secureOutbound: async () => { throw new Error('never') } })] })
  const other = await failure(t, addressesOf(remote)[0])
  t.false(isFinal(other.error), `${other.error}`)
  t.is(other.tries, 6)
})
