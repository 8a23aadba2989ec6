// Shows one pipeline and the result of its dial
import { renderWaterfall } from '../../src/trace/index.ts'
import { checkTrace } from '../../src/trace/check-trace.ts'
import { copyText } from './copy-text.ts'
import { starterOf } from './settings.ts'
import { starters } from './starters.ts'
import { storyRows } from './story.ts'
import { summaryOf } from './summary.ts'
import { traceAt } from './trace-at.ts'
import type { DialTrace } from '../../src/trace/types.ts'

const OWN = 'own'

/** The minimum and maximum width of the waterfall in pixels */
const WIDTHS = [340, 640] as const

export class Panel {
  readonly #root: HTMLElement
  readonly #code: HTMLTextAreaElement
  readonly #select: HTMLSelectElement
  readonly #picture: HTMLElement
  readonly #shadow: ShadowRoot
  #trace?: DialTrace

  constructor (root: HTMLElement, onChange: () => void) {
    this.#root = root
    this.#code = this.#find('textarea') as HTMLTextAreaElement
    this.#select = this.#find('select') as HTMLSelectElement
    this.#picture = this.#find('.picture')
    // a shadow root, so that the style of the picture does not apply to the page
    this.#shadow = this.#picture.attachShadow({ mode: 'open' })
    this.#select.append(...Object.entries(starters).map(([name, { label }]) => new Option(label, name)), new Option('Your own code', OWN))
    this.#select.addEventListener('change', () => {
      const name = this.#select.value
      this.code = name in starters ? starters[name as keyof typeof starters].code : this.code
      onChange()
    })
    this.#code.addEventListener('input', () => { this.#select.value = starterOf(this.code) ?? OWN })
    this.#code.addEventListener('change', onChange)
    this.#find('.copy').addEventListener('click', event => { void showDone(event.currentTarget as HTMLElement, copyText(this.code)) })
  }

  get code (): string {
    return this.#code.value
  }

  set code (code: string) {
    this.#code.value = code
    this.#code.rows = Math.min(18, Math.max(4, code.split('\n').length))
    this.#select.value = starterOf(code) ?? OWN
  }

  get trace (): DialTrace | undefined {
    return this.#trace
  }

  set isHidden (isHidden: boolean) {
    this.#root.hidden = isHidden
  }

  /** Shows the end of a dial. @throws if the argument is not a trace */
  show (trace: DialTrace): void {
    // the trace comes from foreign code: nothing of it is shown before the check
    checkTrace('show()', trace)
    this.#trace = trace
    this.#root.classList.add('has-result')
    this.#find('.error').textContent = ''
    this.#find('.summary').textContent = summaryOf(trace)
    this.#find('.summary').dataset['outcome'] = trace.outcome
    this.#find('.story').replaceChildren(...storyRows(trace))
  }

  fail (error: unknown): void {
    this.#trace = undefined
    this.#root.classList.remove('has-result')
    this.#find('.error').textContent = error instanceof Error ? error.message : String(error)
  }

  /** Draws the dial as it was at `time`. The time axis ends at `until` */
  draw (time: number, until: number): void {
    if (this.#trace == null) {
      return
    }

    const [narrowest, widest] = WIDTHS
    const width = Math.min(widest, Math.max(narrowest, Math.floor(this.#picture.clientWidth)))
    const svg = new DOMParser().parseFromString(renderWaterfall(time < until ? traceAt(this.#trace, time) : this.#trace, { width, until }), 'image/svg+xml').documentElement
    svg.setAttribute('style', 'display: block; width: 100%; height: auto')
    this.#shadow.replaceChildren(document.importNode(svg, true))
  }

  /** Fixes the height of the picture, so that the page does not move while the picture grows */
  keepHeight (isKept: boolean): void {
    this.#picture.style.minHeight = isKept ? `${this.#picture.offsetHeight}px` : ''
  }

  #find (selector: string): HTMLElement {
    return this.#root.querySelector(selector) as HTMLElement
  }
}

/** Shows on a button for two seconds whether the copy succeeded */
export async function showDone (button: HTMLElement, done: Promise<boolean>): Promise<void> {
  const text = button.dataset['text'] ?? button.textContent ?? ''
  button.dataset['text'] = text
  button.textContent = await done ? 'Copied' : 'Could not copy'
  setTimeout(() => { button.textContent = text }, 2_000)
}
