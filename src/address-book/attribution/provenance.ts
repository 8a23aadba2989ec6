import type { Attribution, NodeComponents } from './attribution.ts'
import type { Startable } from '@libp2p/interface'

/** Reports which parts of a node cannot be attributed. Checks the node at its start */
export class Provenance implements Startable {
  readonly [Symbol.toStringTag] = 'libp2p-dial-pipeline-provenance'

  readonly #components: NodeComponents
  readonly #attribution: Attribution
  /** The parts whose addresses cannot be attributed, in words */
  problems: readonly string[] = []

  constructor (components: NodeComponents, attribution: Attribution) {
    this.#components = components
    this.#attribution = attribution
  }

  /** Called by libp2p. Addresses are attributed before the start as well */
  start (): void {
    this.problems = problemsOf(this.#components, this.#attribution)

    if (this.problems.length > 0) {
      this.#attribution.log.error('not every address can be attributed: %s', this.problems.join('; '))
    }
  }

  stop (): void {}
}

/** Returns which writes of a node cannot be attributed, in words */
function problemsOf (components: NodeComponents, { core, public: original, attributionLog, problems }: Attribution): string[] {
  const found = [...problems]

  if (components.peerStore !== core) {
    found.push('something has replaced the peer store')
  }

  if (attributionLog.observer == null) {
    found.push('there is no address book')
  }

  // libp2p keeps its components in a record of this name
  const { components: all = {} } = components as { components?: Record<string, unknown> }

  for (const [name, component] of Object.entries(all)) {
    if (name !== 'peerStore' && typeof component === 'object' && component != null && Object.values(component).includes(original)) {
      found.push(`${name} was made before the peer store could be wrapped: what it writes counts as the user's`)
    }
  }

  return found
}
