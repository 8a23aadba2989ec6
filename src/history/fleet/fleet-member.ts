/** The bytes of a name: enough for no two nodes to draw the same one */
const LENGTH = 16

/** The random name of a node in a fleet. It is unrelated to the peer id, and is stored with the history */
export class FleetMember {
  #name?: string
  /** Called when the node has drawn its name, which must be stored */
  onNamed?: () => void

  /** The name. Undefined: the node has exported nothing yet */
  get known (): string | undefined {
    return this.#name
  }

  /** The name, drawn at its first use */
  get name (): string {
    if (this.#name == null) {
      this.#name = Array.from(crypto.getRandomValues(new Uint8Array(LENGTH)), octet => octet.toString(16).padStart(2, '0')).join('')
      this.onNamed?.()
    }

    return this.#name
  }

  /** Sets the name that the node had before a restart */
  restore (name: string): void {
    this.#name ??= name
  }
}
