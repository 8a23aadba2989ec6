import { readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'
import { pages } from './modules.ts'

/** A link to an example that ends its line with a colon, and the code block below */
const SHOWN = /\]\((?:\.\.\/)*(examples\/[\w./-]+\.ts)\):\n\n```ts(?: [\w-]+)?\n([^]*?)```/g

interface Shown {
  /** Relative to the root */
  readonly example: string
  readonly code: string
}

function shownIn (markdown: string): Shown[] {
  return [...markdown.matchAll(SHOWN)].map(([, example = '', code = '']) => ({ example: normalize(example), code }))
}

/** Returns the code of an example without the comment at its top, which names the guide */
async function codeOf (example: string): Promise<string> {
  return (await readFile(join(root, example), 'utf8')).replace(/^(?:\/\/.*\n)+/, '')
}

for (const page of await pages()) {
  for (const { example, code } of shownIn(await readFile(join(root, page), 'utf8'))) {
    test(`${page} shows ${example} as it is`, async t => {
      t.is(code.slice(0, (await codeOf(example)).length), await codeOf(example))
    })
  }
}

test('finds an example that is shown, and no example that is only linked', t => {
  const markdown = 'See [`a.ts`](../../examples/a.ts).\n\nThis is [`b.ts`](../../examples/b.ts):\n\n```ts\nb()\n```\n'

  t.deepEqual(shownIn(markdown), [{ example: 'examples/b.ts', code: 'b()\n' }])
})
