import { InvalidParametersError } from '@libp2p/interface'
import { checkOptions, checkValue } from '../../pipeline/check-options.ts'
import { PEER_ID } from '../../pipeline/option-kinds.ts'
import { TRACE_OPTIONS } from '../../trace/text-lines.ts'
import { renderTrace } from '../../trace/text.ts'
import { findDial } from './find-dial.ts'
import type { PendingDial } from './pending-dial.ts'
import type { DialRegister } from './dial-register.ts'
import type { ExplainSubject } from './find-dial.ts'
import type { TracedDial } from './traced-dial.ts'
import type { OptionKind } from '../../pipeline/option-kinds.ts'
import type { RenderTraceInit } from '../../trace/text.ts'
import type { DialTrace } from '../../trace/types.ts'
import type { PeerId } from '@libp2p/interface'

const PEER_OR_NOTHING: OptionKind = { expected: 'a peer id, or nothing for the dials of all', test: value => value === undefined || PEER_ID.test(value) }

/** Keeps the latest items */
export class Recent<T> {
  readonly #size: number
  #items: T[] = []

  constructor (size: number = 64) {
    this.#size = size
  }

  get items (): readonly T[] {
    return this.#size === 0 ? [] : this.#items.slice(-this.#size)
  }

  /** @param make creates the item. Not called when no items are kept */
  add (make: () => T): void {
    if (this.#size === 0) {
      return
    }

    this.#items.push(make())

    // trimmed only at twice the size, so that adding stays cheap
    if (this.#items.length >= this.#size * 2) {
      this.#items = [...this.items]
    }
  }
}

/** The dials that traces and explanations are made from: the latest ended ones, running ones and queued ones */
export class DialStories {
  readonly #recent: Recent<TracedDial>
  readonly #dials: () => DialRegister

  /** @param size number of ended dials to keep */
  constructor (size: number | undefined, dials: () => DialRegister) {
    this.#recent = new Recent(size)
    this.#dials = dials
  }

  /** Adds a dial that has ended, with all of its attempts */
  add (dial: PendingDial): void {
    this.#recent.add(() => dial.traced)
  }

  /** Returns the traces of ended dials, then of running ones, newest last */
  traces (peerId?: PeerId): DialTrace[] {
    checkValue('traces()', peerId, PEER_OR_NOTHING, InvalidParametersError)
    const text = peerId?.toString()

    return this.#with(this.#dials().running).filter(({ record: { peer } }) => text == null || peer === text).map(({ trace }) => trace)
  }

  explain (subject?: ExplainSubject, init: RenderTraceInit = {}): string {
    checkOptions('explain()', init, TRACE_OPTIONS, InvalidParametersError)
    const { pending, running } = this.#dials()
    const { dial, words } = findDial(subject, this.#with([...pending, ...running]))

    return dial == null ? `no dial${words == null ? '' : ` of ${words}`} is known` : renderTrace(dial.trace, init)
  }

  #with (others: Iterable<PendingDial>): TracedDial[] {
    return [...this.#recent.items, ...Array.from(others, ({ traced }) => traced)]
  }
}
