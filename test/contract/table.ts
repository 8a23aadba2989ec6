import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decisionTable, evidenceTable } from '../dialer/dials/decisions.ts'

export const FILE = join(import.meta.dirname, '../../docs/internals/contract.md')

/** The order in which it is read. Whatever is not here comes last */
const ORDER = [
  'shape', 'open-connection', 'inputs', 'joins', 'priority', 'abort', 'progress', 'errors', 'gater', 'peer-store', 'routing',
  'resolvers', 'sorting', 'limits', 'is-dialable', 'initiator', 'orphans', 'slots', 'lifecycle', 'reconnect', 'relay', 'dcutr', 'services'
]

const HEAD = `# The contract of a dialer

What the rest of libp2p may expect of a dialer, point by point. Every line is a test that runs against the dialer of an
unmodified node of libp2p 3.3 (\`npm run test:stock\`) and against this one (\`npm test\`), with the preset \`staggered()\`;
the second column says where the stock dialer does something else.

Written by \`node test/contract/write.ts\` from the titles of the tests in \`test/contract\`.
`

const DECISIONS = `## When an open connection is the answer

This table holds for \`dial()\`, \`dialProtocol()\` and \`openConnection()\`, and for a dial whose turn comes when a connection has opened
meanwhile. A direct connection that the peer opens while its dial runs is the answer by the same rule, as soon as nothing in flight is likely
to connect. The columns:

- **limits**: the caller accepts a limited connection, with \`runOnLimitedConnection: true\`.
- **provenance**: the dial has the option \`provenance\`. A policy in a stage, as in \`certifiedFirst()\` and \`provenance(['user'])\`, judges
  addresses and no connections: every preset keeps libp2p's rule.
- **force**: the dial has \`force: true\`.

[test/dialer/dials/existing.test.ts](../../test/dialer/dials/existing.test.ts) shows each row, with its number in the title. Where there is no
policy and the caller accepts no limits, libp2p's own dialer does the same, and is the control of the test.

${decisionTable()}
${evidenceTable()}`

/** The titles of the contract tests, as a document */
export async function table (): Promise<string> {
  const folder = import.meta.dirname
  const names = (await readdir(folder)).filter(name => name.endsWith('.test.ts')).map(name => name.replace('.test.ts', '')).toSorted()
  const inOrder = [...ORDER.filter(name => names.includes(name)), ...names.filter(name => !ORDER.includes(name))]
  const parts = await Promise.all(inOrder.map(async name => partOf(name, await readFile(join(folder, `${name}.test.ts`), 'utf8'))))

  const at = inOrder.indexOf('open-connection') + 1

  return [HEAD, ...parts.toSpliced(at, 0, DECISIONS).filter(part => part !== '')].join('\n')
}

function partOf (name: string, source: string): string {
  const titles = [...source.matchAll(/^ *contract\((['`])(.*?)\1, async/gm)].map(([, , title = '']) => title)

  if (titles.length === 0) {
    return ''
  }

  const [, about = name] = /^\/\/ (.*)/.exec(source) ?? []

  return `## ${about[0]?.toUpperCase()}${about.slice(1)}

| | libp2p's own dialer |
|---|---|
${titles.map(rowOf).join('\n')}
`
}

function rowOf (title: string): string {
  const [, what = title, stock = ''] = /^(.*?) \(stock: (.*)\)$/.exec(title) ?? []

  return `| ${[what, stock].map(one => one.replaceAll('\\\'', '\'').replaceAll(/\$\{\w+\}/g, '…')).join(' | ')} |`.replace('|  |', '| |')
}
