// The settings of the page, and their form in a link
import { starters } from './starters.ts'

export interface NetworkSettings {
  /** The median round trip in milliseconds */
  readonly roundTrip: number
  /** The lost packets in percent */
  readonly loss: number
  /** The numbers of silent and of refusing addresses, which come before the good ones */
  readonly silent: number
  readonly refusing: number
  /** The number of private addresses of another network. They come first */
  readonly private: number
  /** The numbers of addresses that connect */
  readonly tcp: number
  readonly quic: number
  readonly ws: number
  readonly webrtc: number
  readonly relay: number
  /** Milliseconds until a name resolves to a good address. 0: the peer has no name */
  readonly dns: number
  /** The number of earlier dials of the peer */
  readonly before: number
  /** The seed of round trips, losses and addresses */
  readonly seed: number
}

export interface Settings {
  readonly network: NetworkSettings
  /** The code of each pipeline */
  readonly pipelines: readonly string[]
}

/** The minimum, maximum and default of each setting */
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

/** The maximum length of a link, which address bars and chats accept. A longer link is ignored */
export const MAX_LINK = 16_384

const NAMES = Object.keys(RANGES) as Array<keyof NetworkSettings>
const SIDES = ['a', 'b'] as const

export const USUAL: NetworkSettings = networkOf(() => undefined)

export const INITIAL: Settings = { network: USUAL, pipelines: [starters.stock.code, starters.adaptive.code] }

/** Returns the fragment of a link, without the number sign. Default values are omitted */
export function toFragment ({ network, pipelines }: Settings): string {
  const params = new URLSearchParams()
  NAMES.filter(name => network[name] !== USUAL[name]).forEach(name => { params.set(name, String(network[name])) })
  pipelines.forEach((code, i) => { params.set(SIDES[i] ?? '', starterOf(code) ?? code) })

  return params.toString()
}

/**
 * Reads a fragment, which is untrusted input: it limits numbers to their ranges, and ignores unknown names
 *
 * @returns the settings, and whether a pipeline has code that this page does not provide. Such code runs only on request
 */
export function fromFragment (fragment: string): { settings: Settings, isForeign: boolean } {
  const params = new URLSearchParams(fragment.length > MAX_LINK ? '' : fragment.replace(/^#/, ''))
  const network = networkOf(name => params.get(name) ?? undefined)
  const pipelines = SIDES.flatMap(side => params.get(side) ?? [])
  const codes = pipelines.map(text => Object.hasOwn(starters, text) ? starters[text as keyof typeof starters].code : text)

  return { settings: { network, pipelines: codes.length === 0 ? INITIAL.pipelines : codes }, isForeign: codes.some(code => starterOf(code) == null) }
}

/** Limits each number to its range */
export function networkOf (read: (name: keyof NetworkSettings) => string | undefined): NetworkSettings {
  return Object.fromEntries(NAMES.map(name => {
    const [lowest, highest, usual] = RANGES[name]
    const text = read(name)
    const value = Math.round(Number(text))

    return [name, text == null || text.trim() === '' || !Number.isFinite(value) ? usual : Math.min(highest, Math.max(lowest, value))]
  })) as unknown as NetworkSettings
}

/** Returns the name of the starter with this code */
export function starterOf (code: string): string | undefined {
  return Object.entries(starters).find(([, starter]) => starter.code === code)?.[0]
}
