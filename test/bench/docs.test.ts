import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { asMarkdown, provenance, replaceSection, sectionNames } from '../../bench/docs/sections.ts'
import { root } from '../support/root.ts'

const PAGE = 'before\n<!-- bench:one -->\n\nold\n\n<!-- /bench:one -->\nbetween\n<!-- bench:two -->\n<!-- /bench:two -->\n'

test('replaceSection() replaces the named section only', t => {
  const page = replaceSection(PAGE, 'one', 'new\n')
  t.is(page, PAGE.replace('old', 'new'))
  t.is(replaceSection(page, 'one', 'new'), page)
  t.is(replaceSection(PAGE, 'two', 'new'), PAGE.replace('<!-- bench:two -->\n', '<!-- bench:two -->\n\nnew\n\n'))
})

test('replaceSection() throws for a section that the page does not have', t => {
  t.throws(() => replaceSection(PAGE, 'three', 'new'), { message: /no section between <!-- bench:three --> and/ })
})

test('docs/internals/benchmarks.md has exactly the sections that benches write', async t => {
  t.deepEqual(sectionNames(await readFile(join(root, 'docs/internals/benchmarks.md'), 'utf8')), ['blackhole', 'overhead', 'simulate', 'heldOut', 'network'])
})

test('provenance() names the command and commit, and says when files were changed since', t => {
  const init = { command: ['bench/one.ts'], machine: 'today, here\n' }
  t.is(provenance({ ...init, commit: { hash: '0123456789', isChanged: false } }), '`node bench/one.ts` at commit `0123456789`: today, here.')
  t.regex(provenance({ ...init, commit: { hash: '0123456789', isChanged: true } }), /`0123456789`, and what was changed since: /)
})

test('asMarkdown() wraps output without a Markdown table in a code block', t => {
  t.is(asMarkdown('a\n'), '```text\na\n```')
  t.is(asMarkdown('| a |\n| --- |\n| 1 |\n'), '| a |\n| --- |\n| 1 |')
})
