import { Bounded } from './bounded.ts'
import type { Clock } from './clock.ts'
import type { DialComponents } from './types.ts'

/** Milliseconds for which an answer counts: longer than the attempts of the dial that has looked the name up */
const TTL = 300_000

const MAX_NAMES = 2_000

/** As many as a transport tries of one name, and more */
const MAX_ANSWERS = 16

interface Answers {
  readonly at: number
  readonly ips: readonly Uint8Array[]
}

/** The IP addresses that names had when this node looked them up. Names are written as `destinationsOf()` writes them */
export class NameAnswers {
  readonly #clock: Clock
  readonly #names = new Bounded<Answers>(MAX_NAMES)

  constructor ({ clock }: Pick<DialComponents, 'clock'>) {
    this.#clock = clock
  }

  /** Adds answers to those that are known. All of them count until the newest expires: a name may answer one address in turn */
  record (name: string, ips: readonly Uint8Array[]): void {
    if (ips.length > 0) {
      const known = new Map([...ips, ...this.of(name)].map(ip => [ip.join('.'), ip]))
      this.#names.set(name, { at: this.#clock.now(), ips: [...known.values()].slice(0, MAX_ANSWERS) })
    }
  }

  /** Returns the answers of the last five minutes, the newest first */
  of (name: string): readonly Uint8Array[] {
    const answers = this.#names.get(name)

    return answers == null || this.#clock.now() - answers.at >= TTL ? [] : answers.ips
  }
}
