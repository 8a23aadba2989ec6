/** Octets of a name: so many that no two nodes draw the same one */
const LENGTH = 16

/** The random name that a node has in a fleet. It says nothing of the node, and lasts as long as what the node has learnt */
export class Member {
  #name?: string
  /** Called when the node has a name, which is to be kept with what it has learnt */
  onNamed?: () => void

  /** Undefined: the node has exported nothing yet */
  get known (): string | undefined {
    return this.#name
  }

  /** The name, which is drawn when it is first needed */
  get name (): string {
    if (this.#name == null) {
      this.#name = Array.from(crypto.getRandomValues(new Uint8Array(LENGTH)), octet => octet.toString(16).padStart(2, '0')).join('')
      this.onNamed?.()
    }

    return this.#name
  }

  /** The name that the node had before a restart */
  restore (name: string): void {
    this.#name ??= name
  }
}
