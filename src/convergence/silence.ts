import { isResponsive } from './is-responsive.ts'
import { cancelDrain } from './member.ts'
import type { Member } from './member.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { Connection } from '@libp2p/interface'

/** Milliseconds from the end of a check to the next one, while a connection is silent. They double up to the maximum */
const FIRST_WAIT = 10_000
const MAX_WAIT = 60_000

/**
 * Finds out that the preferred connection is silent: it does not answer, while another connection to the same peer does. A peer that
 * changed its network leaves such a connection behind. A silent connection is not chosen, and never closed by this end
 */
export class SilenceCheck {
  readonly #clock: Clock
  readonly #members: () => readonly Member[]
  readonly #preferred: () => Connection | undefined
  readonly #onChecked: () => void
  #controller?: AbortController
  #isDue = false
  #wait = FIRST_WAIT
  #cancelTimer?: () => void

  /** @param members returns the open connections that take part, silent ones included */
  constructor (clock: Clock, members: () => readonly Member[], preferred: () => Connection | undefined, onChecked: () => void) {
    this.#clock = clock
    this.#members = members
    this.#preferred = preferred
    this.#onChecked = onChecked
  }

  /** Asks all connections for an answer. A call during a check causes one more */
  start (): void {
    this.#isDue = true

    if (this.#controller == null) {
      this.#cancelTimer?.()
      this.#controller = new AbortController()
      void this.#check(this.#controller.signal)
    }
  }

  stop (): void {
    this.#controller?.abort()
    this.#cancelTimer?.()
  }

  async #check (signal: AbortSignal): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false
      const asked = this.#members()
      const answers = await Promise.all(asked.map(async ({ connection }) => isResponsive(connection, this.#clock, signal)))

      if (signal.aborted) {
        return
      }

      const answered = asked.filter((_, i) => answers[i] === true)
      answered.forEach(member => {
        member.isSilent = false
        member.answeredAt = this.#clock.now()
      })

      // if none answers, the cause is this node's own network or a busy process
      if (answered.length > 0 && answered.every(({ connection }) => connection !== this.#preferred())) {
        asked.filter(member => !answered.includes(member)).forEach(silence)
      }

      this.#onChecked()
    }

    this.#controller = undefined

    if (this.#members().some(({ isSilent }) => isSilent)) {
      this.#cancelTimer = this.#clock.setTimeout(() => { this.start() }, this.#wait)
      this.#wait = Math.min(this.#wait * 2, MAX_WAIT)
    } else {
      this.#wait = FIRST_WAIT
    }
  }
}

function silence (member: Member): void {
  member.isSilent = true
  cancelDrain(member)
}
