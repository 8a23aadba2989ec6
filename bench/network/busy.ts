import { cpus } from 'node:os'

interface Shares {
  readonly machine: number
  readonly dialer: number
}

/** Measures the load of the processors, over several intervals */
export class Busy {
  #elapsed = 0
  #own = 0
  readonly #machine = { used: 0, all: 0 }
  #begun = snapshot()

  start (): void {
    this.#begun = snapshot()
  }

  pause (): void {
    const now = snapshot()
    this.#elapsed += now.at - this.#begun.at
    this.#own += now.own - this.#begun.own
    this.#machine.used += now.used - this.#begun.used
    this.#machine.all += now.all - this.#begun.all
  }

  /** The load of all processors, and of the one that this process uses, from 0 to 1 */
  get shares (): Shares {
    return { machine: this.#machine.used / this.#machine.all, dialer: this.#own / this.#elapsed }
  }
}

function snapshot (): { at: number, own: number, used: number, all: number } {
  const { user, system } = process.cpuUsage()
  const times = cpus().map(({ times }) => times)
  const idle = times.reduce((sum, { idle }) => sum + idle, 0)
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0)

  return { at: performance.now(), own: (user + system) / 1_000, used: all - idle, all }
}
