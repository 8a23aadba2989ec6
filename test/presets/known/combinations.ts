import * as presets from '../../../presets/index.ts'
import type { DialPipeline } from '../../../src/index.ts'

type PresetName = keyof typeof presets

/** The presets by name. The preset that needs options gets an empty object */
export const PRESETS: Readonly<Record<PresetName, () => DialPipeline>> = {
  ...presets,
  fromConnectionManagerInit: () => presets.fromConnectionManagerInit({})
}

const PLACES = ['caller', 'book', 'peer store', 'router'] as const
const STATES = ['fresh', 'connected', 'after a disconnect', 'after a crash', 'after a restart'] as const

/** What a node knows of a peer, and the events since */
export interface Combination {
  readonly preset: PresetName
  /** The place that has the address of the peer */
  readonly place: typeof PLACES[number]
  readonly isPublic: boolean
  /** Whether the address is in a record that the peer signed. Routers do not return records */
  readonly isSigned: boolean
  readonly state: typeof STATES[number]
  /** Whether the node was connected to the peer, also before a crash or a restart */
  readonly hasMet: boolean
  /** Whether the node is created with `withProvenance()` */
  readonly isAttributed: boolean
}

const EITHER = [true, false]

/** All combinations */
export const ALL: readonly Combination[] = (Object.keys(PRESETS) as PresetName[]).flatMap(preset =>
  PLACES.flatMap(place =>
    STATES.flatMap(state =>
      EITHER.flatMap(isPublic =>
        (place === 'router' ? [false] : EITHER).flatMap(isSigned =>
          metBefore(state).flatMap(hasMet =>
            EITHER.map(isAttributed => ({ preset, place, isPublic, isSigned, state, hasMet, isAttributed }))))))))

function metBefore (state: Combination['state']): boolean[] {
  switch (state) {
    case 'fresh': return [false]
    case 'connected': case 'after a disconnect': return [true]
    case 'after a crash': case 'after a restart': return EITHER
  }
}

/** Returns a few combinations that contain every pair of values in `all`. The same seed returns the same ones */
export function pairwise (all: readonly Combination[], seed: number): Combination[] {
  const shuffled = all
    .map((combination, i) => ({ combination, pairs: pairsOf(combination), turn: hash(seed + i) }))
    .toSorted((a, b) => a.turn - b.turn)
  const left = new Set(shuffled.flatMap(({ pairs }) => pairs))
  const cover: Combination[] = []

  while (left.size > 0) {
    const news = shuffled.map(({ pairs }) => pairs.filter(pair => left.has(pair)).length)
    const best = shuffled[news.indexOf(Math.max(...news))]
    best?.pairs.forEach(pair => { left.delete(pair) })
    cover.push(...best == null ? [] : [best.combination])
  }

  return cover
}

/** Returns the pairs of values of a combination, as text */
export function pairsOf (combination: Combination): string[] {
  const values = Object.entries(combination).map(([name, value]) => `${name} ${value}`)

  return values.flatMap((one, i) => values.slice(i + 1).map(other => `${one}, ${other}`))
}

/** Hashes a number, with the same result on every machine */
function hash (n: number): number {
  const mixed = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)
  const more = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)

  return (more ^ (more >>> 15)) >>> 0
}
