import { multiaddr } from '@multiformats/multiaddr'
import { UNKNOWN } from './said.ts'
import type { Attribution, NodeComponents } from './attribution.ts'
import type { Taints } from './taints.ts'

/** What of a node's writes will not be attributed, in words */
export function problemsOf (components: NodeComponents, { core, public: original, notes, problems, taints }: Attribution): string[] {
  const found = [...problems]

  if (components.peerStore !== core) {
    found.push('something has replaced the peer store')
  }

  if (notes.observer == null) {
    found.push('there is no address book to tell')
  } else if (!tellsOrigins(notes.observer, taints)) {
    found.push('the address book does not tell who named an address: what the node hands out counts as the user\'s when it is dialled. Take the one of addressBook(), or none')
  }

  // libp2p keeps its components in a record of that name
  const { components: all = {} } = components as { components?: Record<string, unknown> }

  for (const [name, component] of Object.entries(all)) {
    if (name !== 'peerStore' && typeof component === 'object' && component != null && Object.values(component).includes(original)) {
      found.push(`${name} was made before the peer store could be wrapped: what it writes counts as the user's`)
    }
  }

  return found
}

/** Asks as the dialer does, of an address that is marked */
function tellsOrigins (book: any, taints: Taints): boolean {
  const marked = multiaddr('/ip4/192.0.2.1/tcp/1')
  taints.mark([marked], { source: UNKNOWN })

  return book.reportsOf?.(marked)?.provenance?.some(({ source }: { source: string }) => source === UNKNOWN) === true
}
