import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { dialer } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { silent } from '../helpers/silent.ts'
import type { Dialer, DialerInit, DialPipeline, DialTrace } from '../../src/index.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { Silent } from '../helpers/silent.ts'
import type { Connection, Libp2p, PeerId, ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export interface DialerNodeOptions extends Omit<NodeOptions<Record<string, any>>, 'services'> {
  dialerInit?: DialerInit
  services?: Record<string, (components: any) => unknown>
}

/** A node of one test */
export async function listening<T extends ServiceMap = Record<never, never>> (t: ExecutionContext, options: NodeOptions<T> = {}): Promise<Libp2p<T>> {
  const node = await createNode<T>(options)
  t.teardown(async () => { await node.stop() })

  return node
}

/** A node of one test whose dialer is ours */
export async function dialling (t: ExecutionContext, pipeline: DialPipeline, options: DialerNodeOptions = {}): Promise<Libp2p<{ dialer: Dialer } & Record<string, any>>> {
  const { dialerInit, services, ...rest } = options

  return listening(t, { listen: [], ...rest, services: { dialer: dialer(pipeline, dialerInit), ...services } }) as any
}

/** A listener of one test that accepts connections and never says a word: a dial of it goes on until somebody ends it */
export async function mute (t: ExecutionContext): Promise<Silent> {
  const listener = await silent()
  t.teardown(listener.close)

  return listener
}

export async function randomPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

/** The addresses of a node over one transport */
export function addressesOf (node: Libp2p, transport: 'tcp' | 'ws' = 'tcp'): [Multiaddr, ...Multiaddr[]] {
  return node.getMultiaddrs().filter(multiaddr => multiaddr.getComponents().some(({ name }) => name === 'ws') === (transport === 'ws')) as [Multiaddr, ...Multiaddr[]]
}

export function texts (multiaddrs: Iterable<Multiaddr>): string[] {
  return Array.from(multiaddrs, String)
}

/** The addresses that a dial attempted, in the order of its race, and how each ended */
export function attempted ({ candidates }: DialTrace): Array<[string, string]> {
  return candidates.flatMap(({ address, attempts }) => attempts.map(({ outcome }) => [address, outcome] as [string, string]))
}

export function leadsTo (t: ExecutionContext, connection: Connection, node: Libp2p): void {
  t.is(connection.status, 'open')
  t.is(connection.direction, 'outbound')
  t.true(connection.remotePeer.equals(node.peerId))
}

/** Waits at `pass()` until it is opened */
export class Gate {
  #open!: () => void
  #arrived!: () => void
  readonly #opened = new Promise<void>(resolve => { this.#open = resolve })

  /** Resolves when the first has come to the gate */
  readonly arrival = new Promise<void>(resolve => { this.#arrived = resolve })

  async pass (): Promise<void> {
    this.#arrived()
    await this.#opened
  }

  /** As a hook of a connection gater: denies nothing, but takes its time */
  async hold (): Promise<false> {
    await this.pass()

    return false
  }

  open (): void {
    this.#open()
  }
}
