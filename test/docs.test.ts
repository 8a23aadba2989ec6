import test from 'ava'
import { blocksIn } from './docs/blocks.ts'
import { exampleOf, withFetch } from './docs/examples.ts'
import { folder, projectBlocks, writeModules } from './docs/modules.ts'
import { problemsOf } from './docs/run.ts'
import { typeCheck } from './support/tsc.ts'
import { PEER } from './testing/try-out.ts'
import type { Module } from './docs/modules.ts'
import type { Diagnostic } from './support/tsc.ts'

const limit = 30_000

/** Milliseconds that a block of the fixture may run. Enough for those that end, on a busy machine */
const patience = 5_000
const modules = await writeModules(await projectBlocks(), folder)
let diagnostics: readonly Diagnostic[] = []
let problems: ReadonlyMap<string, string[]> = new Map()

test.before(async () => {
  diagnostics = modules.length === 0 ? [] : await typeCheck(folder)
  problems = await problemsOf(modules.filter(({ block }) => block.run), limit)
})

for (const module of modules) {
  const { file, line, run } = module.block

  test(`${file}:${line} compiles${run ? ' and runs' : ''}`, t => {
    t.deepEqual(typeErrorsOf(module, diagnostics), [])

    if (run) {
      t.deepEqual(problems.get(module.path), [])
    }
  })
}

/** Maximum number of lines of a hand-written stage of each kind */
const LENGTHS = { shortFirst: 1, noPrivate: 1, slowly: 1, relaysLater: 1, fromTracker: 5, holdUncertified: 10 }

for (const [name, most] of Object.entries(LENGTHS)) {
  test.serial(`the example ${name} takes at most ${most} lines, and passes compliance()`, async t => {
    const { stage, lines } = await exampleOf(name, modules)
    const { compliance } = await import('libp2p-dial-pipeline/testing')
    t.true(lines.length <= most, lines.join('\n'))

    await withFetch(async () => Response.json(['/ip4/203.0.113.71/tcp/4001']), async () => {
      for (const { run } of compliance(() => stage as any)) {
        await t.notThrowsAsync(run())
      }
    })
  })
}

test.serial('the example fromTracker aborts its request when the dial ends', async t => {
  const { stage } = await exampleOf('fromTracker', modules)
  const { scriptedComponents, ScriptedNetwork, testDial, VirtualClock } = await import('libp2p-dial-pipeline/testing')
  const clock = new VirtualClock()
  let signal: AbortSignal | null | undefined

  await withFetch(async (_url, init) => {
    signal = init?.signal

    return new Promise(() => {})
  }, async () => {
    const { lists, end } = testDial({ components: scriptedComponents({ clock, network: new ScriptedNetwork(clock), peerId: PEER }), peerId: PEER })
    t.false(lists(stage as any)(true).complete)
    t.false(signal?.aborted)
    end()
    t.true(signal?.aborted)
  })
})

test('the type checker reports errors in examples only', t => {
  t.deepEqual(diagnostics.filter(one => !modules.some(({ path }) => path === one.file)), [])
})

test('the harness reports a type error, a failure, an open handle and a wrong output for its own block', async t => {
  const written = await writeModules(blocksIn(fixture, 'fixture.md'), `${folder}/.fixture`)
  const [found, problems] = await Promise.all([
    typeCheck(`${folder}/.fixture`),
    problemsOf(written.filter(({ block }) => block.run), patience)
  ])
  const problemOf = (text: string): string | undefined => problems.get(moduleWith(written, text).path)?.join('\n')

  t.deepEqual(found.map(({ line }) => line), [lineOf('const wrong')])
  t.is(typeErrorsOf(moduleWith(written, 'const wrong'), found).length, 1)
  t.regex(problemOf('throw new Error(\'fails\')') ?? '', /^exited with 1\n[^]*Error: fails/)
  t.is(problemOf('setInterval'), `did not end by itself within ${patience} ms`)
  t.is(problemOf('createServer'), `did not end by itself within ${patience} ms`)
  t.regex(problemOf('new Promise(') ?? '', /^exited with 13/)
  t.is(problemOf('console.log(\'this\')'), 'printed something else than its output block says:\nthis\n')

  for (const good of ['\'good\'', 'const wrong', '\'late\'', '\'last\'']) {
    t.is(problemOf(good), '', good)
  }

  t.false(moduleWith(written, 'is not run').block.run)
  t.is(written.length, 10)
})

test('blocksIn() throws for an unknown flag, and for an output without a block', t => {
  t.throws(() => blocksIn('```ts norun\n```\n', 'x.md'), { message: /x\.md:1: .*"ts norun"/ })
  t.throws(() => blocksIn('```sh\n```\n```text output\n```\n', 'x.md'), { message: /x\.md:3: / })
})

function moduleWith (modules: readonly Module[], text: string): Module {
  return modules.find(({ block }) => block.code.includes(text)) as Module
}

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
setInterval(() => { console.log('noise') }, 1)
\`\`\`

\`\`\`ts
import { createServer } from 'node:net'

createServer().listen(0, '127.0.0.1')
\`\`\`

\`\`\`ts
await new Promise(() => {})
\`\`\`

\`\`\`ts
setTimeout(() => { console.log('late') }, 50)
\`\`\`

\`\`\`text output
late
\`\`\`

\`\`\`ts
console.log('this')
\`\`\`

\`\`\`text output
that
\`\`\`

\`\`\`ts
console.log('last')
\`\`\`

\`\`\`text output
last
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
