import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { KINDS } from './stages.ts'
import type { Step } from './description.ts'

/** A built version of this package */
export interface Library {
  root: string
  /** The exports of `./stages`, by their current names */
  stages: any
  presets: any
  testing: any
  Engine: any
  /** Whether lists of candidates flow through asynchronous generators, and paces wrap one another */
  isStreamed: boolean
  pipeline (steps: readonly Step[]): any
}

/** The names of stages before 0.1, by their current names */
const EARLIER = { byDirect: 'relayLast', byQuic: 'quicFirst', unshadowed: 'dropShadowed', publicAddresses: 'publicOnly' }

/** Imports the build of a checkout */
export async function load (root: string): Promise<Library> {
  const read = async (path: string): Promise<any> => import(pathToFileURL(resolve(root, 'dist', path)).href)
  const [stages, presets, testing] = await Promise.all(['src/stages/index.js', 'presets/index.js', 'src/testing/index.js'].map(read))
  const { DialEngine, Engine = DialEngine } = await read('src/dialer/dial-engine.js').catch(async () => read('src/dialer/engine.js'))
  const earlier = Object.entries(EARLIER).map(([today, then]) => [today, stages[today] ?? stages[then]])

  const library: Library = {
    root,
    stages: { ...stages, ...Object.fromEntries(earlier) },
    presets,
    testing,
    Engine,
    isStreamed: stages.hold == null,
    pipeline: steps => stages.pipelineOf(steps.map(step => {
      const make = KINDS[step.kind]

      if (make == null) {
        throw new TypeError(`There is no kind of stage ${step.kind}`)
      }

      return make(library, step)
    }))
  }

  return library
}

const SAMPLE: Omit<Step, 'kind'> = { salt: 1, ms: 100, count: 1, when: 'always', addresses: [], parts: [[{ kind: 'race', salt: 1, ms: 1, count: 1, when: 'always', addresses: [], parts: [] }]] }

/** Returns whether the version has a kind of stage */
export function makes (library: Library, kind: string): boolean {
  try {
    KINDS[kind]?.(library, { kind, ...SAMPLE })
    return true
  } catch {
    return false
  }
}
