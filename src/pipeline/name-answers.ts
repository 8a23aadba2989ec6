import { Bounded } from './bounded.ts'
import type { Clock } from './clock.ts'
import type { DialComponents } from './types.ts'

/** Milliseconds that an answer is kept: longer than the attempts of the dial that looked the name up */
const TTL = 300_000

const MAX_NAMES = 2_000

/** The maximum number of IP addresses of a name: more than a transport tries */
const MAX_ANSWERS = 16

interface Answers {
  readonly at: number
  readonly ips: readonly Uint8Array[]
}

/** The IP addresses that this node has resolved names to. Names are written as `destinationsOf()` writes them */
export class NameAnswers {
  readonly #clock: Clock
  readonly #names = new Bounded<Answers>(MAX_NAMES)

  constructor ({ clock }: Pick<DialComponents, 'clock'>) {
    this.#clock = clock
  }

  /** Adds answers to those of the name. The newest answer extends the TTL of all: a name may answer with one address in turn */
  record (name: string, ips: readonly Uint8Array[]): void {
    if (ips.length > 0) {
      const known = new Map([...ips, ...this.of(name)].map(ip => [ip.join('.'), ip]))
      this.#names.set(name, { at: this.#clock.now(), ips: [...known.values()].slice(0, MAX_ANSWERS) })
    }
  }

  of (name: string): readonly Uint8Array[] {
    const answers = this.#names.get(name)

    return answers == null || this.#clock.now() - answers.at >= TTL ? [] : answers.ips
  }
}
