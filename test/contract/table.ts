import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decisionTable, evidenceTable } from '../dialer/dials/decisions.ts'

export const FILE = join(import.meta.dirname, '../../docs/internals/contract.md')

/** The sections in reading order. Other files come last */
const ORDER = [
  'shape', 'open-connection', 'inputs', 'joins', 'priority', 'abort', 'progress', 'errors', 'gater', 'peer-store', 'routing',
  'resolvers', 'sorting', 'limits', 'is-dialable', 'initiator', 'orphans', 'slots', 'lifecycle', 'reconnect', 'relay', 'dcutr', 'services'
]

const HEAD = `# The contract of a dialer

This page lists the behaviour that the rest of libp2p relies on. Each row is a test. The test runs against the dialer of an
unmodified node of libp2p 3.3 (\`npm run test:stock\`), and against this one (\`npm test\`) with the preset \`staggered()\`. The
second column says where libp2p's own dialer differs.

Written by \`node test/contract/write.ts\` from the titles of the tests in \`test/contract\`.
`

const DECISIONS = `## When an open connection is the answer

This table holds for \`dial()\`, \`dialProtocol()\` and \`openConnection()\`. It also holds for a queued dial when its turn comes. The
same rule decides about a direct connection that the peer opens while its dial runs, as soon as no attempt in flight is likely to connect.
The columns:

- **limits**: the caller accepts a limited connection, with \`runOnLimitedConnection: true\`.
- **provenance**: the dial has the option \`provenance\`. A stage such as \`provenance(['user'])\` judges addresses and not open
  connections, so that each preset keeps libp2p's rule.
- **force**: the dial has \`force: true\`.

[test/dialer/dials/open-connections.test.ts](../../test/dialer/dials/open-connections.test.ts) shows each row, with its number in the title. The control of the
test is libp2p's own dialer. It does the same when the dial has no policy and the caller accepts no limits.

${decisionTable()}
${evidenceTable()}`

/** Returns docs/internals/contract.md, generated from the titles of the contract tests */
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
