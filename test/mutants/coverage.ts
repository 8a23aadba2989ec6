import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Mutant } from './find.ts'

/** A test that executed the place of a mutant */
export interface Executor {
  /** Missing for a process that a test started */
  readonly test?: string
  /** How many functions and branches of the code the test executes altogether: a narrow test looks closer */
  readonly breadth: number
}

interface Script {
  readonly url: string
  readonly functions: ReadonlyArray<{ readonly ranges: readonly Range[] }>
}

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

/** Reads what `NODE_V8_COVERAGE` wrote to `folder`, and removes it. Returns the tests that executed the place of each mutant */
export async function readExecutors (folder: string, root: string, mutants: readonly Mutant[]): Promise<Map<Mutant, Executor[]>> {
  const base = pathToFileURL(join(root, '/')).href
  const executors = new Map<Mutant, Executor[]>(mutants.map(mutant => [mutant, []]))

  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const { result } = JSON.parse(await readFile(path, 'utf8')) as { result: Script[] }
    const scripts = result.filter(({ url }) => url.startsWith(base)).map(({ url, functions }) => ({ file: url.slice(base.length), ranges: functions.flatMap(({ ranges }) => ranges) }))
    const test = scripts.find(({ file }) => file.endsWith('.test.ts'))?.file
    const code = new Map(scripts.filter(({ file }) => /^(?:src|presets)\//.test(file)).map(({ file, ranges }) => [file, ranges]))
    const breadth = [...code.values()].flat().filter(({ count }) => count > 0).length

    for (const mutant of mutants) {
      if (isExecuted(code.get(mutant.file) ?? [], mutant)) {
        executors.get(mutant)?.push({ test, breadth })
      }
    }

    await rm(path)
  }

  return executors
}

/** Returns whether the smallest range around a mutant was executed. The range of `&& b` is not, when its left side decides: the line counts then */
function isExecuted (ranges: readonly Range[], { at, lineAt, before }: Mutant): boolean {
  const place = at + before.search(/\S/)
  const places = before === '&&' || before === '||' ? Array.from({ length: at - lineAt }, (_, i) => lineAt + i) : [place]

  return places.some(place => countAt(ranges, place) > 0)
}

function countAt (ranges: readonly Range[], place: number): number {
  const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= place && place < endOffset)

  return around.toSorted((a, b) => (a.endOffset - a.startOffset) - (b.endOffset - b.startOffset))[0]?.count ?? 0
}
