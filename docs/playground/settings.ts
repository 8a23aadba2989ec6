// The settings of the page, and how a link says them
import { starters } from './starters.ts'

export interface NetworkSettings {
  /** Milliseconds */
  readonly roundTrip: number
  /** Percent of the packets */
  readonly loss: number
  /** Addresses that lead nowhere, and stand first */
  readonly silent: number
  readonly refusing: number
  /** Private addresses of another network, which stand first of all */
  readonly private: number
  /** Addresses that connect */
  readonly tcp: number
  readonly quic: number
  readonly ws: number
  readonly webrtc: number
  readonly relay: number
  /** Milliseconds that a name takes to resolve, which leads to a good address. 0: no name */
  readonly dns: number
  /** How often the node has dialled the peer before */
  readonly before: number
  /** Draws other round trips, losses and addresses */
  readonly seed: number
}

export interface Settings {
  readonly network: NetworkSettings
  /** The code of each pipeline */
  readonly pipelines: readonly string[]
}

/** Lowest, highest and default of each */
export const RANGES: { readonly [K in keyof NetworkSettings]: readonly [lowest: number, highest: number, usual: number] } = {
  roundTrip: [1, 2_000, 80],
  loss: [0, 60, 0],
  silent: [0, 12, 2],
  refusing: [0, 12, 0],
  private: [0, 4, 0],
  tcp: [0, 4, 1],
  quic: [0, 4, 0],
  ws: [0, 4, 0],
  webrtc: [0, 4, 0],
  relay: [0, 4, 0],
  dns: [0, 10_000, 0],
  before: [0, 5, 0],
  seed: [1, 999, 1]
}

/** A link that is longer is not read: most that a browser's address bar and a chat take */
export const MAX_LINK = 16_384

const NAMES = Object.keys(RANGES) as Array<keyof NetworkSettings>
const SIDES = ['a', 'b'] as const

export const USUAL: NetworkSettings = networkOf(() => undefined)

export const INITIAL: Settings = { network: USUAL, pipelines: [starters.stock.code, starters.adaptive.code] }

/** Returns the fragment of a link, without the number sign. Says only what is not as usual */
export function toFragment ({ network, pipelines }: Settings): string {
  const params = new URLSearchParams()
  NAMES.filter(name => network[name] !== USUAL[name]).forEach(name => { params.set(name, String(network[name])) })
  pipelines.forEach((code, i) => { params.set(SIDES[i] ?? '', starterOf(code) ?? code) })

  return params.toString()
}

/**
 * Reads a fragment, which may come from anybody: numbers are brought into their ranges, and whatever is unknown is left out
 *
 * @returns and whether code is among the pipelines that this page does not bring: nobody runs it without asking
 */
export function fromFragment (fragment: string): { settings: Settings, isForeign: boolean } {
  const params = new URLSearchParams(fragment.length > MAX_LINK ? '' : fragment.replace(/^#/, ''))
  const network = networkOf(name => params.get(name) ?? undefined)
  const pipelines = SIDES.flatMap(side => params.get(side) ?? [])
  const codes = pipelines.map(text => Object.hasOwn(starters, text) ? starters[text as keyof typeof starters].code : text)

  return { settings: { network, pipelines: codes.length === 0 ? INITIAL.pipelines : codes }, isForeign: codes.some(code => starterOf(code) == null) }
}

/** Brings each number into its range */
export function networkOf (read: (name: keyof NetworkSettings) => string | undefined): NetworkSettings {
  return Object.fromEntries(NAMES.map(name => {
    const [lowest, highest, usual] = RANGES[name]
    const text = read(name)
    const value = Math.round(Number(text))

    return [name, text == null || text.trim() === '' || !Number.isFinite(value) ? usual : Math.min(highest, Math.max(lowest, value))]
  })) as unknown as NetworkSettings
}

/** The name of the starter that a code is */
export function starterOf (code: string): string | undefined {
  return Object.entries(starters).find(([, starter]) => starter.code === code)?.[0]
}
