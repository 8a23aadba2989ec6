import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'ava'
import { readExecutors } from './coverage.ts'
import { mutantsOf } from './find.ts'

const CODE = 'export function sign (n: number): number {\n  if (n < 0) {\n    return -1\n  }\n\n  return 1\n}\n'

test('readExecutors() returns the tests that executed the innermost block around a mutant', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'coverage-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  const root = join(folder, 'root')
  const mutants = mutantsOf('src/sign.ts', CODE)
  const block = { startOffset: CODE.indexOf('{\n    return'), endOffset: CODE.indexOf('}\n\n') + 1 }

  /** Writes what a process has executed: the body of the function, and the block within it */
  async function write (name: string, counts: [number, number], file?: string): Promise<void> {
    const script = (path: string, ranges: object[]): object => ({ url: pathToFileURL(join(root, path)).href, functions: [{ ranges }] })
    const ranges = [{ startOffset: 0, endOffset: CODE.length, count: counts[0] }, { ...block, count: counts[1] }]
    const result = [script('src/sign.ts', ranges), ...file == null ? [] : [script(file, [])]]
    await writeFile(join(folder, name), JSON.stringify({ result }))
  }

  await write('1.json', [1, 1], 'test/both.test.ts')
  await write('2.json', [1, 0], 'test/positive.test.ts')
  await write('3.json', [0, 0], 'test/neither.test.ts')
  await write('4.json', [1, 1])
  const executors = await readExecutors(folder, root, mutants)
  const testsOf = (before: string): Array<string | undefined> | undefined => executors.get(mutants.find(one => one.before === before) as typeof mutants[0])?.map(one => one.test)

  t.deepEqual(testsOf('<'), ['test/both.test.ts', 'test/positive.test.ts', undefined])
  t.deepEqual(testsOf('1'), ['test/both.test.ts', undefined])
  t.deepEqual(executors.get(mutants[0] as typeof mutants[0])?.map(({ breadth }) => breadth), [2, 1, 2])
  t.deepEqual(await readdir(folder), [])
})
