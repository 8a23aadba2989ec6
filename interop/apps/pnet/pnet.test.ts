import { generateKey, preSharedKey } from '@libp2p/pnet'
import { compare } from '../compare.ts'
import { privateNode, startNode } from '../private-node.ts'
import { patience } from '../wait.ts'
import type { UseDialer } from '../dialers.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

compare('a node with a shared key dials the members of its network, and no other node', async (t, useDialer, attempt) => {
  const key = newKey()
  const node = await startMember(t, useDialer, key)
  const others = { member: await startMember(t, useDialer, key), 'other key': await startMember(t, useDialer, newKey()), 'no key': await startMember(t, useDialer) }

  await attempt('dials a member', async () => node.dial(others.member.getMultiaddrs(), { signal: patience() }))

  // a wrong key makes the first bytes random: a dial fails at once or at its timeout
  await Promise.all((['other key', 'no key'] as const).flatMap(name => [
    attempt(`does not connect to a node with ${name}`, async () => { await fails(node, others[name]) }),
    attempt(`is not connected to by a node with ${name}`, async () => { await fails(others[name], node) })
  ]))
})

function newKey (): Uint8Array {
  const key = new Uint8Array(95)
  generateKey(key)

  return key
}

/** Starts a node in the network of a key, or in no private network */
async function startMember (t: ExecutionContext, useDialer: UseDialer, psk?: Uint8Array): Promise<Libp2p> {
  return startNode(t, useDialer, { ...privateNode(), ...psk != null && { connectionProtector: preSharedKey({ psk }) } })
}

/** @throws Error when the dial connects */
async function fails (from: Libp2p, to: Libp2p): Promise<void> {
  if (await from.dial(to.getMultiaddrs(), { signal: patience() }).then(() => true, () => false)) {
    throw new Error('The dial connected')
  }
}
