import { basename, dirname } from 'node:path'
import type { Executor } from './coverage.ts'

/**
 * Sorts the tests that execute a mutant: tests named after its file, tests of its folders, tests of all exports, others, and tests of whole
 * nodes. Among equals the narrowest test is first. A process that a test started may belong to each test of the folder
 *
 * @param file a file of the code: `src/bans/bans.ts`
 * @param all all test files
 */
export function sortTests (file: string, executors: readonly Executor[], all: readonly string[]): string[] {
  const mirror = `test/${file.replace(/^src\//, '')}`.replace(/\.ts$/, '')
  const folder = `${mirror.split('/', 2).join('/')}/`
  const ranks: ReadonlyArray<(test: string) => boolean> = [
    test => test === `${mirror}.test.ts`,
    test => basename(test).startsWith(basename(mirror)),
    test => dirname(test) === dirname(mirror),
    test => test.startsWith(folder),
    test => dirname(test) === 'test',
    test => !/^test\/(?:contract|libp2p)\//.test(test),
    () => true
  ]
  const breadths = new Map<string, number>()

  for (const { test, breadth } of executors) {
    const tests = test == null ? all.filter(one => one.startsWith(folder)) : [test]
    tests.forEach(one => { breadths.set(one, Math.min(breadth, breadths.get(one) ?? Infinity)) })
  }

  const rankOf = (test: string): number => ranks.findIndex(isOf => isOf(test))

  return [...breadths].toSorted(([a, narrow], [b, wide]) => rankOf(a) - rankOf(b) || narrow - wide).map(([test]) => test)
}
