import { glob, readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'
import { pages } from './modules.ts'

/** A link to an example at the end of a line with a colon, and the code block after it */
const SHOWN = /\]\((?:\.\.\/)*((?:examples|interop)\/[\w./-]+\.ts)\):\n\n```ts(?: [\w-]+)?\n([^]*?)```/g

interface Shown {
  readonly page: string
  /** Path relative to the root */
  readonly example: string
  readonly code: string
}

function shownIn (markdown: string, page: string): Shown[] {
  return [...markdown.matchAll(SHOWN)].map(([, example = '', code = '']) => ({ page, example: normalize(example), code }))
}

/** Returns the code of an example without the comment at its top, which names the guide */
async function codeOf (example: string): Promise<string> {
  return (await readFile(join(root, example), 'utf8')).replace(/^(?:\/\/.*\n)+/, '')
}

const shown = (await Promise.all((await pages()).map(async page => shownIn(await readFile(join(root, page), 'utf8'), page)))).flat()

for (const { page, example, code } of shown) {
  test(`${page} shows ${example} as it is`, async t => {
    const own = await codeOf(example)

    t.is(code.slice(0, own.length), own)
  })
}

test('a guide shows the example of each kind of stage', t => {
  const examples = new Set(shown.map(({ example }) => example))

  for (const name of ['replace-dialer', 'rank', 'filter', 'source', 'pace', 'attempt-layer', 'dial-option']) {
    t.true(examples.has(`examples/${name}.ts`), name)
  }
})

test('the guide that an example names links to the example', async t => {
  const missing: string[] = []

  for await (const example of glob('{examples,interop/apps/*}/*.ts', { cwd: root })) {
    const [, guide] = /^\/\/ .* Guide: (docs\S+)\n/.exec(await readFile(join(root, example), 'utf8')) ?? []

    if (guide != null && !(await readFile(join(root, guide), 'utf8')).includes(`](../../${example})`)) {
      missing.push(example)
    }
  }

  t.deepEqual(missing, [])
})

test('finds an example that is shown, and no example that is only linked', t => {
  const markdown = 'See [`a.ts`](../../examples/a.ts).\n\nThis is [`b.ts`](../../examples/b.ts):\n\n```ts\nb()\n```\n'

  t.deepEqual(shownIn(markdown, 'page.md'), [{ page: 'page.md', example: 'examples/b.ts', code: 'b()\n' }])
})
