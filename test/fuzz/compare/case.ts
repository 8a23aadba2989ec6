import { isDeepStrictEqual } from 'node:util'
import { describe, signatureOf } from './description.ts'
import { ALL_KINDS, generate, takesCaller } from './generate.ts'
import { load, makes } from './library.ts'
import { perform } from './perform.ts'
import { shorten } from './shorten.ts'
import type { CaseResult } from '../case.ts'
import type { Description } from './description.ts'
import type { Library } from './library.ts'
import type { Observed } from './perform.ts'

/** The compared versions, from the query of the URL by which this module is imported */
const { searchParams } = new URL(import.meta.url)

const [older, newer] = await Promise.all([load(searchParams.get('older') ?? '.'), load(searchParams.get('newer') ?? '.')])

const without = new Set(searchParams.get('without')?.split(','))

const init = { kinds: new Set(ALL_KINDS.filter(kind => makes(older, kind) && makes(newer, kind))), hasOnePace: older.isStreamed || newer.isStreamed, without }

// constant, because presets make random choices
Math.random = () => 0.5

async function run (library: Library, description: Description): Promise<Observed> {
  const observed = await perform(library, description)

  return without.has('errors') ? { ...observed, callers: observed.callers.map(text => text.replace(/^\w+@/, 'failed@')) } : observed
}

const performBoth = async (description: Description): Promise<[Observed, Observed]> => [await run(older, description), await run(newer, description)]

async function differs (description: Description): Promise<boolean> {
  if (init.hasOnePace && !description.pipelines.every(takesCaller)) {
    return false
  }

  const [one, other] = await performBoth(description)

  return one.refused == null && other.refused == null && !isDeepStrictEqual(one, other)
}

function write (library: Library, { refused, ...observed }: Observed): string {
  return `${library.root}: ${refused == null ? Object.entries(observed).filter(([, list]) => list.length > 0).map(([what, list]) => `${what} ${list.join(', ')}`).join('; ') : `refused: ${refused}`}`
}

/** Counts the results of callers by their first word */
function countIn ({ attempts, callers }: Observed): Record<string, number> {
  const words = callers.map(text => text.startsWith('/') ? 'connected' : text.replace(/@.*/, ''))

  return { ...Object.fromEntries(words.map(word => [word, words.filter(one => one === word).length])), attempts: attempts.length }
}

/** Runs the case of a seed with both versions. The violations of a difference are the kinds in the case, and both runs of its shortest form */
export async function runCase (seed: number): Promise<CaseResult> {
  const description = generate(seed, init)
  const [one, other] = await performBoth(description)
  const statistics = countIn(other)

  if (isDeepStrictEqual(one, other)) {
    return { seed, violations: [], statistics, digest: 0 }
  }

  const isRefused = one.refused != null || other.refused != null
  const shortest = isRefused ? description : await shorten(description, differs)
  const [first, second] = await performBoth(shortest)

  return { seed, violations: [isRefused ? 'refused' : signatureOf(shortest), describe(shortest), write(older, first), write(newer, second)], statistics, digest: 0 }
}
