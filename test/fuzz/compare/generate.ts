import { PEERS, randomAddress } from '../addresses.ts'
import { Random } from '../random.ts'
import { isUnspecified, withoutPeer } from './description.ts'
import { BELOW, CONNECTING, HOLDS, LISTS, PACES, SOURCES, WHOLE } from './stages.ts'
import type { Script } from '../../../src/testing/index.ts'
import type { CallerDescription, Description, Step } from './description.ts'

export interface GenerateInit {
  /** The kinds of stages that both versions have */
  kinds: ReadonlySet<string>
  /** Whether, in the older version, a pace replaces the one above and a preference wraps it */
  hasOnePace: boolean
  /** The features that no case has: see compare.ts */
  without: ReadonlySet<string>
}

const PLACES = ['store', 'book', 'routing', 'gater', 'names']

/** The kinds of stages that have addresses of their own */
const FINDING = new Set(['now', 'slow', 'expand'])

const NESTING = { fallback: 1, retry: 1, timeout: 1, pipeline: 1 }

/** Returns whether a stage takes the addresses of the caller. Without one, a dial of a streamed version never ends */
export function takesCaller (steps: readonly Step[]): boolean {
  return steps.some(({ kind }) => kind === 'caller' || kind in WHOLE)
}

/** Returns whether a stage reads the dial option `provenance`. Without one, the option is an error */
function readsProvenance (steps: readonly Step[]): boolean {
  return steps.some(({ kind, parts }) => kind === 'provenance' || parts.some(readsProvenance))
}

/** Generates descriptions. Equal seeds and kinds give equal descriptions */
class Generator {
  readonly #random: Random
  readonly #init: GenerateInit
  /** A few addresses, so that callers, stores and names share some */
  readonly #addresses: string[]
  #hasPace = false
  #isPicky = false

  constructor (seed: number, init: GenerateInit) {
    this.#random = new Random(seed)
    this.#init = init
    this.#addresses = this.#random.list(12, () => withoutPeer(randomAddress(this.#random, PEERS[0]).toString()), 3)
      .filter(text => text.length < 200 && !(init.without.has('unspecified') && isUnspecified(text)))
  }

  description (): Description {
    const random = this.#random
    const { without } = this.#init
    const places = PLACES.slice(0, 3).flatMap(place => [`${place} 0`, `${place} 1`])
    const names = this.#addresses.filter(text => text.startsWith('/dnsaddr/')).map(text => `names ${text}`)
    const pipelines = [this.#pipeline(), this.#pipeline()]
    this.#isPicky = pipelines.every(readsProvenance) && random.chance(0.3)

    return {
      pipelines,
      callers: this.#callers(),
      network: Object.fromEntries(this.#addresses.map(text => [text, this.#script()])),
      known: Object.fromEntries([...places, ...names].map(place => [place, random.chance(0.6) ? this.#some(0.4) : []])),
      isProven: random.chance(0.8) || without.has('unproven'),
      isDenied: random.chance(0.7) && !without.has('denied'),
      delays: Object.fromEntries(PLACES.map(place => [place, random.chance(0.4) || without.has(`${place}-delay`) ? 0 : random.between(1, 1_500)])),
      settings: { maxParallelDials: random.pick([1, 100, 100]), maxPeerAddrsToDial: random.pick([25, 25, 3]), addressDialTimeout: random.pick([6_000, 1_900]), dialTimeout: random.pick([30_000, 10_000]) }
    }
  }

  #some (odds: number): string[] {
    return this.#addresses.filter(() => this.#random.chance(odds))
  }

  #script (): Script {
    const random = this.#random

    return random.weigh<() => Script>([
      [4, () => ({ refuses: random.between(1, 1_500) })],
      [2, () => ({ refuses: 10 })],
      [3, () => ({ connects: random.between(1, 2_500) })],
      [1, () => ({ connects: 407, firstResponse: random.between(20, 200) })],
      [3, () => 'silent']
    ])()
  }

  #callers (): CallerDescription[] {
    const random = this.#random
    const { without } = this.#init

    return random.list(random.pick(without.has('callers') ? [1] : [1, 1, 2, 4]), () => ({
      at: random.chance(0.5) ? 0 : random.between(1, 4_000),
      peer: Number(random.chance(0.2)),
      addresses: random.chance(0.25) ? [] : this.#some(0.5),
      options: {
        ...random.chance(0.1) ? { priority: random.pick([10, 50, 90]) } : {},
        ...random.chance(0.1) && !without.has('force') ? { force: true } : {},
        ...this.#isPicky ? { provenance: [random.pick(['user', 'certified', 'routing', 'peer-store'])] } : {}
      },
      ...random.chance(0.15) && !without.has('leaves') ? { leavesAt: random.between(1, 6_000) } : {},
      isOther: random.chance(0.15)
    }), 1)
  }

  #kind (from: Record<string, unknown>): string | undefined {
    const kinds = Object.keys(from).filter(kind => this.#init.kinds.has(kind) && !this.#init.without.has(kind))

    return kinds.length === 0 ? undefined : this.#random.pick(kinds)
  }

  #step (kind: string, parts: Step[][] = []): Step {
    const random = this.#random

    return {
      kind,
      salt: random.below(1_000),
      ms: random.between(1, 900),
      count: random.between(1, 6),
      when: kind in SOURCES && kind !== 'caller' ? random.pick(['always', 'always', 'empty', 'exhausted']) : 'always',
      addresses: FINDING.has(kind) ? this.#some(0.2) : [],
      parts
    }
  }

  #of (from: Record<string, unknown>, most: number, least = 0): Step[] {
    return this.#random.list(most, () => this.#kind(from), least).flatMap(kind => kind == null ? [] : [this.#step(kind)])
  }

  #timing (): Step[] {
    const { hasOnePace } = this.#init

    if (hasOnePace && this.#hasPace) {
      return []
    }

    this.#hasPace = true

    return [...this.#of(PACES, 1), ...this.#of(HOLDS, hasOnePace ? 1 : 2)]
  }

  #pipeline (): Step[] {
    const random = this.#random
    const whole = random.chance(0.1) ? this.#kind(WHOLE) : undefined
    this.#hasPace = false

    if (whole != null) {
      return [this.#step(whole)]
    }

    const own = this.#init.hasOnePace || random.chance(0.9) ? [this.#step('caller')] : []
    const sources = [...own, ...this.#of(SOURCES, 2, own.length === 0 ? 1 : 0)]
    const mixed = random.chance(0.2) ? this.#of(SOURCES, 1) : []

    return [...sources, ...this.#of(LISTS, 4), ...mixed, ...this.#timing(), ...this.#connecting(0)]
  }

  #connecting (depth: number): Step[] {
    const random = this.#random
    const below = random.chance(0.25) ? this.#of(BELOW, 2) : []

    if (depth >= 2 || random.chance(0.55)) {
      return [this.#step(random.chance(0.8) || this.#init.without.has('layered') ? 'race' : 'layered'), ...below]
    }

    const kind = this.#kind(NESTING) ?? 'pipeline'
    const part = (): Step[] => [...this.#of(LISTS, 2), ...random.chance(0.3) ? this.#timing() : [], ...this.#connecting(depth + 1)]

    return [this.#step(kind, kind === 'fallback' ? random.list(3, part, 1) : [part()]), ...below]
  }
}

export function generate (seed: number, init: GenerateInit): Description {
  return new Generator(seed, init).description()
}

export const ALL_KINDS = Object.keys({ ...SOURCES, ...LISTS, ...PACES, ...HOLDS, ...CONNECTING, ...BELOW, ...WHOLE })
