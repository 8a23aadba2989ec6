import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { asMarkdown, provenance, replaceSection, sectionNames } from '../../bench/docs/sections.ts'
import { root } from '../support/root.ts'

const PAGE = 'before\n<!-- bench:one -->\n\nold\n\n<!-- /bench:one -->\nbetween\n<!-- bench:two -->\n<!-- /bench:two -->\n'

test('a section is replaced, and nothing else', t => {
  const page = replaceSection(PAGE, 'one', 'new\n')
  t.is(page, PAGE.replace('old', 'new'))
  t.is(replaceSection(page, 'one', 'new'), page)
  t.is(replaceSection(PAGE, 'two', 'new'), PAGE.replace('<!-- bench:two -->\n', '<!-- bench:two -->\n\nnew\n\n'))
})

test('a section that the page does not have is an error', t => {
  t.throws(() => replaceSection(PAGE, 'three', 'new'), { message: /no section between <!-- bench:three --> and/ })
})

test('docs/internals/benchmarks.md has a section for each bench that is written into it', async t => {
  t.deepEqual(sectionNames(await readFile(join(root, 'docs/internals/benchmarks.md'), 'utf8')), ['blackhole', 'overhead', 'simulate', 'network'])
})

test('a result names its commit, and says where that was changed', t => {
  const init = { command: ['bench/one.ts'], machine: 'today, here\n' }
  t.is(provenance({ ...init, commit: { hash: '0123456789', isChanged: false } }), '`node bench/one.ts` at commit `0123456789`: today, here.')
  t.regex(provenance({ ...init, commit: { hash: '0123456789', isChanged: true } }), /`0123456789`, and what was changed since: /)
})

test('output that has no Markdown table is shown as it is', t => {
  t.is(asMarkdown('a\n'), '```text\na\n```')
  t.is(asMarkdown('| a |\n| --- |\n| 1 |\n'), '| a |\n| --- |\n| 1 |')
})
