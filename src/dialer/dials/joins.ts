import type { DialPipelineOptions } from '../../pipeline/types.ts'
import type { ParsedTarget } from './target.ts'

/** Finds the pending dial of the same peer (or, where no peer is known, of the very same addresses) and the same join key, in constant time */
export class Joins<D> {
  readonly #byKey = new Map<string, Map<string, D>>()

  find (target: ParsedTarget, joinKey: string): D | undefined {
    return this.#byKey.get(joinKey)?.get(keyOf(target))
  }

  /** Keeps a dial that is there already */
  add (dial: D, target: ParsedTarget, joinKey: string): void {
    const dials = this.#byKey.get(joinKey) ?? new Map<string, D>()
    const at = keyOf(target)
    this.#byKey.set(joinKey, dials)

    if (!dials.has(at)) {
      dials.set(at, dial)
    }
  }

  delete (dial: D, target: ParsedTarget, joinKey: string): void {
    const dials = this.#byKey.get(joinKey)
    const at = keyOf(target)

    if (dials?.get(at) === dial) {
      dials.delete(at)
    }

    if (dials?.size === 0) {
      this.#byKey.delete(joinKey)
    }
  }
}

/** Addresses without a peer may lead to several: whoever asks for one of them is not given another */
function keyOf ({ peer, multiaddrs }: ParsedTarget): string {
  return peer ?? [...new Set(multiaddrs.map(String))].toSorted().join(' ')
}

/** The parts of a join key beside libp2p's options */
export interface JoinKeyInit {
  /** The number of the pipeline */
  readonly pipeline: number
  /** The key of the declared options */
  readonly declared: string
  /** The dial connects to the relay of an address */
  readonly isOfRelay: boolean
  /** The key of what the dial inherits, where it is made for others */
  readonly inherited?: string
}

/** Returns the text that dials of the same peer have in common if they are one dial */
export function joinKeyOf ({ force, initiator, runOnLimitedConnection }: DialPipelineOptions, { pipeline, declared, isOfRelay, inherited }: JoinKeyInit): string {
  return `${pipeline}${force === true ? ' force' : ''}${initiator === false ? ' responder' : ''}${runOnLimitedConnection === true ? ' limited' : ''}${isOfRelay ? ' relay' : ''}${declared}${inherited == null ? '' : ` for ${inherited}`}`
}
