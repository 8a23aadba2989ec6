import { examples } from './examples.ts'
import { networkOf, RANGES, USUAL } from './settings.ts'
import type { NetworkSettings } from './settings.ts'

const LABELS: Readonly<Record<keyof NetworkSettings, readonly [label: string, unit?: string]>> = {
  silent: ['silent addresses, first'],
  refusing: ['refusing addresses'],
  private: ['private addresses'],
  tcp: ['good TCP addresses'],
  quic: ['good QUIC addresses'],
  ws: ['good WebSocket addresses'],
  webrtc: ['good WebRTC-direct addresses'],
  relay: ['good relayed addresses'],
  dns: ['a name, resolved after', 'ms'],
  roundTrip: ['round trip', 'ms'],
  loss: ['packets lost', '%'],
  before: ['dialled before', 'times'],
  seed: ['seed']
}

const OWN = 'Your own network'

/** The form that describes the network */
export class NetworkForm {
  readonly #select: HTMLSelectElement
  readonly #inputs = new Map<keyof NetworkSettings, HTMLInputElement>()

  constructor (select: HTMLSelectElement, fields: HTMLElement, onChange: () => void) {
    this.#select = select
    select.append(...examples.map(({ label }) => new Option(label)), new Option(OWN))
    fields.append(...(Object.keys(LABELS) as Array<keyof NetworkSettings>).map(name => this.#field(name)))
    select.addEventListener('change', () => {
      this.#fill(examples.find(({ label }) => label === select.value)?.network ?? this.value)
      onChange()
    })
    fields.addEventListener('change', () => {
      this.value = networkOf(name => this.#inputs.get(name)?.value)
      onChange()
    })
  }

  get value (): NetworkSettings {
    return networkOf(name => this.#inputs.get(name)?.value)
  }

  set value (network: NetworkSettings) {
    this.#fill(network)
    this.#select.value = examples.find(one => JSON.stringify(one.network) === JSON.stringify(network))?.label ?? OWN
  }

  #fill (network: NetworkSettings): void {
    this.#inputs.forEach((input, name) => { input.value = String(network[name]) })
  }

  #field (name: keyof NetworkSettings): HTMLElement {
    const [text, unit] = LABELS[name]
    const [lowest, highest] = RANGES[name]
    const label = document.createElement('label')
    const input = document.createElement('input')
    Object.assign(input, { type: 'number', min: lowest, max: highest, name, value: USUAL[name], inputMode: 'numeric' })
    label.append(document.createTextNode(unit == null ? text : `${text} (${unit})`), input)
    this.#inputs.set(name, input)

    return label
  }
}
