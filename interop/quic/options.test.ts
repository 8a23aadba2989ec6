import test from 'ava'
import { dialable, fromCaller, pipeline, race } from '../../src/stages/index.ts'
import { foreign, HOSTILE, upgradesOf } from '../../test/libp2p/hostile.ts'
import { leadsTo } from '../../test/libp2p/kit.ts'
import { over, quicDialling, quicListening } from './kit.ts'

/** The options that the transport itself passes to the upgrader: QUIC encrypts and multiplexes itself */
const OWN = ['skipEncryption', 'skipProtection']

test.serial('nothing that a caller passes reaches the QUIC client, and of the upgrader only what the transport sets itself', async t => {
  const [node, remote] = await Promise.all([quicDialling(t, pipeline(fromCaller(), dialable(), race())), quicListening(t)])
  const [address] = over(remote, 'quic-v1')
  const upgrades = upgradesOf(node)
  const calls = await callsOfTheClient(async () => { leadsTo(t, await node.dial(address, HOSTILE), remote) })

  t.deepEqual(calls, [['127.0.0.1', Number(address.getComponents().find(({ name }) => name === 'udp')?.value)]])
  t.is(upgrades.length, 1)
  t.deepEqual(foreign(upgrades), OWN)
})

/** Returns the arguments of the QUIC client's calls while `fn` runs. Serial: the client is shared by the process */
async function callsOfTheClient (fn: () => Promise<void>): Promise<unknown[][]> {
  const { Client: { prototype } } = await import(new URL('napi.js', import.meta.resolve('@chainsafe/libp2p-quic')).href)
  const { outboundConnection } = prototype
  const calls: unknown[][] = []

  prototype.outboundConnection = async function (...args: unknown[]) {
    calls.push(args)
    return outboundConnection.apply(this, args)
  }

  try {
    await fn()
  } finally {
    prototype.outboundConnection = outboundConnection
  }

  return calls
}
