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

/** The dials that traces and explanations are made from: the latest ended ones, running ones and queued ones */
export class DialStories {
  readonly #size: number
  readonly #ended: TracedDial[] = []
  readonly #dials: DialRegister

  /** @param size number of ended dials to keep */
  constructor (size: number = 64, dials: DialRegister) {
    this.#size = size
    this.#dials = dials
  }

  /** Adds a dial that has ended, with all of its attempts */
  add (dial: PendingDial): void {
    if (this.#size > 0) {
      this.#ended.push(dial.traced)
    }

    if (this.#ended.length > this.#size) {
      this.#ended.shift()
    }
  }

  /** Returns the traces of ended dials, then of running ones, newest last */
  traces (peerId?: PeerId): DialTrace[] {
    checkValue('traces()', peerId, PEER_OR_NOTHING, InvalidParametersError)
    const text = peerId?.toString()

    return this.#with(this.#dials.running).filter(({ record: { peer } }) => text == null || peer === text).map(({ trace }) => trace)
  }

  explain (subject?: ExplainSubject, init: RenderTraceInit = {}): string {
    checkOptions('explain()', init, TRACE_OPTIONS, InvalidParametersError)
    const { pending, running } = this.#dials
    const { dial, words } = findDial(subject, this.#with([...pending, ...running]))

    return dial == null ? `no dial${words == null ? '' : ` of ${words}`} is known` : renderTrace(dial.trace, init)
  }

  #with (others: Iterable<PendingDial>): TracedDial[] {
    return [...this.#ended, ...Array.from(others, ({ traced }) => traced)]
  }
}
