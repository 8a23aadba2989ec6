// real nodes with connections over TCP on the loopback
import test from 'ava'
import { staggered } from '../../../presets/index.ts'
import { addressBook } from '../../../src/address-book/index.ts'
import { dialer } from '../../../src/index.ts'
import { behind, relay, THROUGH } from '../../contract/through.ts'
import { until } from '../../helpers/until.ts'
import { listening } from '../../libp2p/kit.ts'
import { ANSWERS, DECISIONS, OPEN, POLICIES } from './decisions.ts'
import type { AddressBook } from '../../../src/address-book/index.ts'
import type { Dialer } from '../../../src/index.ts'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'
import type { Open, Policy } from './decisions.ts'

type Node = Libp2p<{ addressBook: AddressBook, dialer: Dialer }>

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0']

/** Starts a node that listens, and dials through relays */
async function dialling (t: ExecutionContext, services = {}): Promise<Node> {
  return listening(t, { listen: LOOPBACK.slice(1), ...THROUGH, services: { ...THROUGH.services, ...services } }) as any
}

const ours = async (t: ExecutionContext): Promise<Node> => dialling(t, { addressBook: addressBook(), dialer: dialer(staggered()) })

/** Starts a node with libp2p's own dialer for comparison. That dialer ignores limits and policies */
const stock = async (t: ExecutionContext): Promise<Node> => dialling(t)

interface Scene {
  readonly node: Node
  readonly remote: Libp2p
  readonly open: Connection
  /** Direct address from the user */
  readonly given: Multiaddr
  /** Targets of the dial */
  readonly target: Libp2p['peerId'] | Multiaddr[]
}

/** Adds two addresses of a peer: that of its open connection from mDNS, and another from the user */
async function know (node: Node, { peerId }: Libp2p, multiaddr: Multiaddr, source: string): Promise<void> {
  await node.peerStore.merge(peerId, { multiaddrs: [multiaddr] })
  node.services.addressBook?.observe(peerId, [multiaddr], { source })
}

async function direct (t: ExecutionContext, node: Node, isInbound: boolean): Promise<Scene> {
  const remote = await listening(t, { listen: LOOPBACK, ...THROUGH })
  const [heard, given] = remote.getMultiaddrs() as [Multiaddr, Multiaddr]

  if (isInbound) {
    await remote.dial(node.getMultiaddrs())
  } else {
    await know(node, remote, heard, 'mdns')
    await node.dial(remote.peerId)
  }

  await know(node, remote, heard, 'mdns')
  await know(node, remote, given, 'user')
  const [open] = await until(() => node.getConnections(remote.peerId), ({ length }) => length === 1) as [Connection]

  return { node, remote, open, given, target: remote.peerId }
}

async function relayed (t: ExecutionContext, node: Node, kind: Open): Promise<Scene> {
  const { relay: hop, listener, multiaddr } = await relay(t, kind === 'limited' || kind === 'worst')
  const { listener: remote, relayed, direct: given } = kind === 'worst' ? { listener, relayed: multiaddr, direct: multiaddr } : await behind(t, hop)
  await know(node, remote, relayed, 'mdns')
  const open = await node.dial(remote.peerId)

  if (kind === 'limited' || kind === 'relayed') {
    await know(node, remote, given, 'user')
    await know(node, remote, given, 'mdns')
  }

  return { node, remote, open, given, target: kind === 'named' ? [relayed, given] : remote.peerId }
}

const INCLUDED: Record<Policy, readonly string[] | undefined> = { none: undefined, passes: ['mdns', 'observed', 'user'], fails: ['user'] }

async function check (t: ExecutionContext, { open, target, node, remote, given }: Scene, options: object, answer: string): Promise<void> {
  const before = node.getConnections(remote.peerId).length
  t.is(open.status, 'open')
  let isDialled = false
  const dial = node.dial(target, { ...options, onProgress: ({ type }) => { isDialled ||= type === 'dial-queue:start-dial' } })

  if (answer === 'none') {
    await t.throwsAsync(dial, { name: 'NoValidAddressesError', message: /dropped by provenance/ })
  } else {
    const connection = await dial
    t.is(connection === open, answer !== 'dial')
    t.is(connection.status, 'open')

    if (answer === 'dial' && !('force' in options)) {
      t.is(String(connection.remoteAddr), String(given))
    }

    t.is(node.getConnections(remote.peerId).length, before + Number(answer === 'dial'))

    if (answer === 'dial') {
      await connection.close()
    }
  }

  t.is(isDialled, answer !== 'open')
  t.is(open.status, 'open')
}

for (const [i, { open, limits, provenance, force, answer }] of DECISIONS.entries()) {
  for (const policy of provenance) {
    // serial, because so many nodes at once would exceed the time of an attempt
    test.serial(`row ${i + 1}: ${OPEN[open]}, provenance: ${POLICIES[policy]}: ${ANSWERS[answer]}`, async t => {
      for (const make of policy === 'none' && limits[0] === false ? [ours, stock] : [ours]) {
        for (const isInbound of open === 'direct' ? [false, true] : [false]) {
          const node = await make(t)
          const scene = open === 'direct' ? await direct(t, node, isInbound) : await relayed(t, node, open)

          for (const runOnLimitedConnection of make === stock ? [false] : limits) {
            await check(t, scene, { ...runOnLimitedConnection ? { runOnLimitedConnection } : {}, ...policy === 'none' ? {} : { provenance: INCLUDED[policy] }, ...force ? { force } : {} }, answer)
          }
        }
      }
    })
  }
}
