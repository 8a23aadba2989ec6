import { availableParallelism } from 'node:os'
import test from 'ava'
import PQueue from 'p-queue'
import { blocksIn } from './docs/blocks.ts'
import { folder, projectBlocks, writeModules } from './docs/modules.ts'
import { problemsOf } from './docs/run.ts'
import { typeCheck } from './support/tsc.ts'
import type { Module } from './docs/modules.ts'
import type { Diagnostic } from './support/tsc.ts'

const limit = 30_000
const modules = await writeModules(await projectBlocks(), folder)
const queue = new PQueue({ concurrency: availableParallelism() })
let diagnostics: readonly Diagnostic[] = []

test.before(async () => {
  diagnostics = modules.length === 0 ? [] : await typeCheck(folder)
})

for (const module of modules) {
  const { file, line, run } = module.block

  test(`${file}:${line} compiles${run ? ' and runs' : ''}`, async t => {
    t.deepEqual(typeErrorsOf(module, diagnostics), [])

    if (run) {
      t.deepEqual(await queue.add(async () => problemsOf(module, limit)), [])
    }
  })
}

test('nothing but the examples has a type error', t => {
  t.deepEqual(diagnostics.filter(one => !modules.some(({ path }) => path === one.file)), [])
})

test('the harness sees a type error, a failure, a process that stays and a wrong output', async t => {
  const blocks = blocksIn(fixture, 'fixture.md')
  const [good, wrongType, fails, stays, prints, onlyTypes, ...rest] = await writeModules(blocks, `${folder}/.fixture`)
  const found = await typeCheck(`${folder}/.fixture`)

  t.deepEqual(rest, [])
  t.deepEqual(found.map(({ line }) => line), [lineOf('const wrong')])
  t.is(typeErrorsOf(wrongType as Module, found).length, 1)
  t.deepEqual(await problemsOf(good as Module, limit), [])
  t.is((await problemsOf(fails as Module, limit))[0], 'exited with 1')
  t.is((await problemsOf(stays as Module, 1_000))[0], 'did not end by itself within 1000 ms')
  t.regex((await problemsOf(prints as Module, limit))[0] ?? '', /printed something else/)
  t.false(onlyTypes?.block.run)
})

test('a block with a flag that nobody knows, or an output of no block, is an error', t => {
  t.throws(() => blocksIn('```ts norun\n```\n', 'x.md'), { message: /x\.md:1: .*"ts norun"/ })
  t.throws(() => blocksIn('```sh\n```\n```text output\n```\n', 'x.md'), { message: /x\.md:3: / })
})

function typeErrorsOf ({ block, path }: Module, all: readonly Diagnostic[]): string[] {
  return all.filter(one => one.file === path).map(({ line, message }) => `${block.file}:${line}: ${message}`)
}

const fixture = `
\`\`\`ts
console.log(await Promise.resolve('good'))
\`\`\`

It prints

\`\`\`text output
good
\`\`\`

\`\`\`ts
const wrong: number = 'type'
\`\`\`

- in a list

  \`\`\`ts
  throw new Error('fails')
  \`\`\`

\`\`\`ts
setInterval(() => {}, 1_000)
\`\`\`

\`\`\`ts
console.log('this')
\`\`\`

\`\`\`text output
that
\`\`\`

\`\`\`ts ignore
nonsense nonsense
\`\`\`

\`\`\`ts no-run
throw new Error('is not run')
\`\`\`

\`\`\`\`md
\`\`\`ts
a block that is shown, not meant
\`\`\`
\`\`\`\`
`

function lineOf (text: string): number {
  return fixture.split('\n').findIndex(line => line.startsWith(text)) + 1
}
