import { lastTime } from '../../src/trace/outcome.ts'
import { copyText } from './copy-text.ts'
import { NetworkForm } from './network-form.ts'
import { Panel, showDone } from './panel.ts'
import { Player } from './player.ts'
import { runDial } from './run-dial.ts'
import { fromFragment, toFragment } from './settings.ts'
import { compare } from './summary.ts'
import type { Settings } from './settings.ts'

const find = (selector: string): HTMLElement => document.querySelector(selector) as HTMLElement

const panels = ['#a', '#b'].map(id => new Panel(find(id), onChange))
const form = new NetworkForm(find('#example') as HTMLSelectElement, find('#fields'), onChange)
const isComparing = find('#compare') as HTMLInputElement
const player = new Player(find('#time') as HTMLInputElement, (time, until) => {
  panels.forEach(panel => { panel.draw(time, until) })
  find('#now').textContent = `${Math.round(time).toLocaleString('en')} ms`
})

/** The number of the latest dial: the results of earlier dials are ignored */
let dials = 0

function settings (): Settings {
  return { network: form.value, pipelines: panels.slice(0, isComparing.checked ? 2 : 1).map(({ code }) => code) }
}

function apply ({ network, pipelines }: Settings): void {
  form.value = network
  isComparing.checked = pipelines.length > 1
  panels.forEach((panel, i) => { panel.code = pipelines[i] ?? panel.code })
  arrange()
}

function arrange (): void {
  panels.forEach((panel, i) => { panel.isHidden = i > 0 && !isComparing.checked })
  find('#panels').classList.toggle('one', !isComparing.checked)
}

function onChange (): void {
  history.replaceState(undefined, '', `#${toFragment(settings())}`)
}

async function dial (): Promise<void> {
  const number = ++dials
  const { network, pipelines } = settings()
  onChange()
  find('#results').classList.add('busy')
  find('#state').textContent = 'Dialling…'

  await Promise.all(pipelines.map(async (code, i) => {
    const trace = await runDial({ code, network }).catch((err: unknown) => err as Error)

    if (number !== dials) {
      return
    }

    try {
      if (trace instanceof Error) {
        throw trace
      }

      panels[i]?.show(trace)
    } catch (err) {
      panels[i]?.fail(err)
    }
  }))

  if (number === dials) {
    show(pipelines.length)
  }
}

function show (count: number): void {
  const traces = panels.slice(0, count).flatMap(({ trace }) => trace ?? [])
  const [a, b] = traces
  find('#results').classList.remove('busy')
  find('#results').hidden = a == null
  find('#state').textContent = a != null && b != null ? compare(a, b) : a == null ? '' : 'Done.'
  document.body.dataset['dials'] = String(dials)

  if (a != null) {
    player.until = Math.max(1, ...traces.map(lastTime))
    panels.forEach(panel => { panel.keepHeight(true) })
    player.play(() => { panels.forEach(panel => { panel.keepHeight(false) }) })
  }
}

isComparing.addEventListener('change', () => {
  arrange()
  onChange()
})
find('#dial').addEventListener('click', () => { void dial() })
find('#again').addEventListener('click', () => { player.play(() => {}) })
find('#share').addEventListener('click', event => {
  onChange()
  void showDone(event.currentTarget as HTMLElement, copyText(location.href))
})
addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    void dial()
  }
})
addEventListener('resize', () => { player.redraw() })
addEventListener('hashchange', start)

/** Starts the page. A link may contain code of other people: the page shows it, and runs it only on request */
function start (): void {
  const { settings, isForeign } = fromFragment(location.hash)
  apply(settings)
  find('#foreign').hidden = !isForeign

  if (!isForeign) {
    void dial()
  }
}

start()
