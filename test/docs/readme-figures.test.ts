import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'

type Row = readonly string[]

/** Returns the rows of the first table whose head contains a text */
function tableWith (text: string, markdown: string): Row[] {
  const lines = markdown.split('\n')
  const from = lines.findIndex(line => line.startsWith('|') && line.includes(text))
  const length = lines.slice(from).findIndex(line => !line.startsWith('|'))

  return lines.slice(from, from + length).filter(line => !line.startsWith('|-') && !line.startsWith('| -')).map(cellsOf)
}

function cellsOf (line: string): Row {
  return line.split('|').slice(1, -1).map(cell => cell.trim().replaceAll(/[*`]/g, '').replace(/^libp2p(?: with|,) /, 'libp2p, ').replace('10.0 s', '10 s'))
}

test('the README has the figures that the benchmark printed', async t => {
  const [readme, benchmarks] = await Promise.all(['README.md', 'docs/internals/benchmarks.md'].map(async file => readFile(join(root, file), 'utf8')))
  const [head = [], ...rows] = tableWith('addressDialTimeout', benchmarks ?? '')
  const [shownHead = [], ...shown] = tableWith('addressDialTimeout', readme ?? '')
  const columns = shownHead.slice(1).map(name => head.indexOf(name))

  t.is(shown.length, 5)
  t.false(columns.includes(-1), shownHead.join())
  t.deepEqual(shown.map(([, ...figures]) => figures), rows.map(row => columns.map(column => row[column] ?? '')))
})
