import { dialer } from '../../src/index.ts'
import { createNode } from '../helpers/node.ts'
import { silent } from '../helpers/silent.ts'
import type { Dialer, DialerInit, DialPipeline, DialTrace } from '../../src/index.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { Silent } from '../helpers/silent.ts'
import type { Connection, Libp2p, ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ExecutionContext } from 'ava'

export interface DialerNodeOptions extends Omit<NodeOptions<Record<string, any>>, 'services'> {
  dialerInit?: DialerInit
  services?: Record<string, (components: any) => unknown>
}

/** Starts a node for one test */
export async function listening<T extends ServiceMap = Record<never, never>> (t: ExecutionContext, options: NodeOptions<T> = {}): Promise<Libp2p<T>> {
  const node = await createNode<T>(options)
  t.teardown(async () => { await node.stop() })

  return node
}

/** Starts a node for one test, with a dialer of this package */
export async function dialling (t: ExecutionContext, pipeline: DialPipeline, options: DialerNodeOptions = {}): Promise<Libp2p<{ dialer: Dialer } & Record<string, any>>> {
  const { dialerInit, services, ...rest } = options

  return listening(t, { listen: [], ...rest, services: { dialer: dialer(pipeline, dialerInit), ...services } }) as any
}

/** Starts a listener for one test that accepts connections and never sends: a dial runs until it is aborted */
export async function mute (t: ExecutionContext): Promise<Silent> {
  const listener = await silent()
  t.teardown(listener.close)

  return listener
}

/** Returns the addresses of a node over one transport */
export function addressesOf (node: Libp2p, transport: 'tcp' | 'ws' = 'tcp'): [Multiaddr, ...Multiaddr[]] {
  return node.getMultiaddrs().filter(multiaddr => multiaddr.getComponents().some(({ name }) => name === 'ws') === (transport === 'ws')) as [Multiaddr, ...Multiaddr[]]
}

export function texts (multiaddrs: Iterable<Multiaddr>): string[] {
  return Array.from(multiaddrs, String)
}

/** Returns the attempted addresses in the order of the race, each with its outcome */
export function attempted ({ candidates }: DialTrace): Array<[string, string]> {
  return candidates.flatMap(({ address, attempts }) => attempts.map(({ outcome }) => [address, outcome] as [string, string]))
}

export function leadsTo (t: ExecutionContext, connection: Connection, node: Libp2p): void {
  t.is(connection.status, 'open')
  t.is(connection.direction, 'outbound')
  t.true(connection.remotePeer.equals(node.peerId))
}

/** Blocks callers of `pass()` until it is opened */
export class Gate {
  #open!: () => void
  #arrived!: () => void
  readonly #opened = new Promise<void>(resolve => { this.#open = resolve })

  /** Resolves when the first caller has arrived */
  readonly arrival = new Promise<void>(resolve => { this.#arrived = resolve })

  async pass (): Promise<void> {
    this.#arrived()
    await this.#opened
  }

  /** A hook for a connection gater: it allows everything, after a wait */
  async hold (): Promise<false> {
    await this.pass()

    return false
  }

  open (): void {
    this.#open()
  }
}
