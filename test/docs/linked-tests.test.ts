import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'
import { pages } from './modules.ts'

/** Declarations of tests: by ava's functions, and by helpers that pass a title on */
const DECLARATION = /^ *(?:test(?:\.serial)?|browserTest|testProp|contract|flooded)\((['`])(.*?)\1,/gm
const LINK = /\[((?:[^\][]|\[[^\]]*\])+)\]\(((?:\.\.\/)*test\/[\w/.-]+\.test\.ts)\)/g

interface Link {
  readonly title: string
  /** Test file, relative to the root */
  readonly file: string
}

function linksIn (markdown: string, page: string): Link[] {
  return [...markdown.matchAll(LINK)].map(([, title = '', file = '']) => ({ title, file: join(dirname(page), file) }))
}

/** Returns whether a file has a test with this title. Each placeholder of a template matches any text */
async function hasTest ({ title, file }: Link): Promise<boolean> {
  const source = await readFile(join(root, file), 'utf8').catch(() => '')
  const titles = [...source.matchAll(DECLARATION)].map(([, , text = '']) => text.replaceAll('\\\'', '\''))

  return title === file || title === basename(file) ? source !== '' : titles.some(text => patternOf(text).test(title))
}

function patternOf (title: string): RegExp {
  const parts = title.split(/\$\{[^}]*\}/).map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))

  return new RegExp(`^${parts.join('.*')}$`)
}

test('each test that the documentation links to exists under its title', async t => {
  const links = (await Promise.all((await pages()).map(async page => linksIn(await readFile(join(root, page), 'utf8'), page)))).flat()
  const found = await Promise.all(links.map(hasTest))

  t.true(links.length > 20, `${links.length}`)
  t.deepEqual(links.filter((_, i) => found[i] !== true), [])
})

test('each threat names a test that shows what the node does', async t => {
  const [, threats = ''] = (await readFile(join(root, 'docs/internals/security.md'), 'utf8')).split('\n## Threats\n')
  const [, , ...rows] = threats.split('\n').filter(line => line.startsWith('|'))

  t.true(rows.length > 10)
  t.deepEqual(rows.filter(row => linksIn(row, 'docs/internals/security.md').length === 0), [])
})

test('hasTest() returns false for a title or file that does not exist', async t => {
  const file = 'test/docs/linked-tests.test.ts'

  t.deepEqual(linksIn('[a `b` (c)](../../test/x.test.ts), [d](../x.md)', 'docs/guides/page.md'), [{ title: 'a `b` (c)', file: 'test/x.test.ts' }])
  t.true(await hasTest({ title: 'each threat names a test that shows what the node does', file }))
  t.true(await hasTest({ title: file, file }))
  t.false(await hasTest({ title: 'each threat', file }))
  t.false(await hasTest({ title: 'test/docs/none.test.ts', file: 'test/docs/none.test.ts' }))
})
