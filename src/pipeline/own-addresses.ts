import { CODE_P2P } from '@multiformats/multiaddr'
import { Fresh } from './clock.ts'
import type { DialComponents } from './types.ts'
import type { Component } from '@multiformats/multiaddr'

/** The addresses that a node listens on */
export class OwnAddresses {
  /** Without peer ids, as text. A node lists the interfaces of the machine each time, which takes longer than all else of a dial */
  readonly #listening: Fresh<ReadonlySet<string>>

  constructor ({ clock, transportManager }: Pick<DialComponents, 'clock' | 'transportManager'>) {
    this.#listening = new Fresh(clock, () => new Set(transportManager.getAddrs().map(one => withoutPeer(one.toString(), one.getComponents()))))
  }

  /** Whether the node itself listens on an address. Never on one behind a relay: others listen through that too */
  has (text: string, components: readonly Component[]): boolean {
    const { value } = this.#listening

    return value.size > 0 && value.has(withoutPeer(text, components)) && !components.some(({ name }) => name === 'p2p-circuit')
  }
}

function withoutPeer (text: string, components: readonly Component[]): string {
  return components.at(-1)?.code === CODE_P2P ? text.slice(0, text.lastIndexOf('/p2p/')) : text
}
