/** The longest and the shortest replay, in milliseconds of real time */
const LONGEST = 4_000
const SHORTEST = 800

/** The number of steps of the slider */
const STEPS = 400

/** Advances virtual time, and triggers the drawing of the dials */
export class Player {
  readonly #slider: HTMLInputElement
  readonly #draw: (time: number, until: number) => void
  #until = 1
  #frame = 0

  constructor (slider: HTMLInputElement, draw: (time: number, until: number) => void) {
    this.#slider = slider
    slider.max = String(STEPS)
    this.#draw = draw
    slider.addEventListener('input', () => {
      this.pause()
      this.#show(this.#time)
    })
  }

  /** Sets the duration of the dials in milliseconds, and shows their end */
  set until (until: number) {
    this.pause()
    this.#until = until
    this.#show(until)
  }

  /** Plays the dials from start to end. With reduced motion it shows the end immediately */
  play (onEnd: () => void): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.#show(this.#until)
      onEnd()

      return
    }

    const length = Math.min(LONGEST, Math.max(SHORTEST, this.#until))
    const begin = performance.now()
    const step = (now: number): void => {
      const part = Math.min(1, Math.max(0, (now - begin) / length))
      this.#show(part * this.#until)

      if (part < 1) {
        this.#frame = requestAnimationFrame(step)
      } else {
        onEnd()
      }
    }
    this.pause()
    step(begin)
  }

  pause (): void {
    cancelAnimationFrame(this.#frame)
  }

  redraw (): void {
    this.#show(this.#time)
  }

  get #time (): number {
    return Number(this.#slider.value) / STEPS * this.#until
  }

  #show (time: number): void {
    this.#slider.value = String(Math.round(time / this.#until * STEPS))
    this.#slider.setAttribute('aria-valuetext', `${Math.round(time)} ms`)
    this.#draw(time, this.#until)
  }
}
