import type { Attribution, NodeComponents } from './attribution.ts'

/** What of a node's writes will not be attributed, in words */
export function problemsOf (components: NodeComponents, { core, public: original, notes, problems }: Attribution): string[] {
  const found = [...problems]

  if (components.peerStore !== core) {
    found.push('something has replaced the peer store')
  }

  if (notes.observer == null) {
    found.push('there is no address book to tell')
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
