const WIDTH = 30

/** Shows the progress on a terminal. It never writes to standard output */
export class Progress {
  readonly #total: number
  #done = 0
  #shown = 0

  constructor (total: number) {
    this.#total = total
  }

  add (count: number, text: string): void {
    this.#done += count
    const now = performance.now()

    if (process.stderr.isTTY && now - this.#shown > 100) {
      const share = Math.min(1, this.#done / this.#total)
      const full = Math.round(share * WIDTH)
      this.#shown = now
      process.stderr.write(`\r\u001b[K${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${(100 * share).toFixed(0)} % ${text}`)
    }
  }

  end (): void {
    if (process.stderr.isTTY) {
      process.stderr.write('\r\u001b[K')
    }
  }
}
