import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { EVENT_TYPES } from '../../src/dialer/events/types.ts'
import { METRICS } from '../../src/metrics/definitions.ts'
import { root } from '../support/root.ts'

const page = await readFile(join(root, 'docs/reference/events-and-metrics.md'), 'utf8')
const sources = new Map<string, string>()

test.before(async () => {
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    sources.set(file, await readFile(join(root, file), 'utf8'))
  }
})

/** The cells of a table, without the backticks */
function rowsOf (title: string): string[][] {
  const [, section = ''] = page.split(`\n## ${title}\n`)
  const [table = ''] = /^\|(?:.*\|\n)+/m.exec(section) ?? []

  return table.trim().split('\n').slice(2).map(line => line.split('|').slice(1, -1).map(cell => cell.trim().replace(/^`(.*)`$/, '$1')))
}

/** What a pattern finds in the code: each once, in alphabetical order */
function found (pattern: RegExp): string[] {
  return [...new Set([...sources.values()].flatMap(text => Array.from(text.matchAll(pattern), ([, name = '']) => name)))].toSorted()
}

function namesOf (title: string): string[] {
  return rowsOf(title).map(([name = '']) => name).toSorted()
}

test('docs/reference/events-and-metrics.md lists exactly the events of a dialer', t => {
  t.deepEqual(namesOf('Events of the dialer'), [...EVENT_TYPES].toSorted())
})

test('EVENT_TYPES are exactly the events that the dialer\'s types declare', t => {
  const declared = found(/^ {2}'([a-z]+:[a-z]+)': CustomEvent</gm)

  t.deepEqual(declared, [...EVENT_TYPES].toSorted())
})

test('docs/reference/events-and-metrics.md lists exactly the progress events', t => {
  t.deepEqual(namesOf('Progress events of one dial'), found(/ProgressEvent<'(dial-pipeline:[a-z-]+)'/g))
})

test('docs/reference/events-and-metrics.md lists exactly the log namespaces', t => {
  const names = found(/'(libp2p:(?:dial-pipeline|connection-manager)[a-z:-]*)'/g)

  t.deepEqual(namesOf('Logs').filter(name => !name.includes('<')), names)
})

test('docs/reference/events-and-metrics.md lists exactly the metrics, with kind and label', t => {
  t.deepEqual(rowsOf('Metrics').map(([name, kind, label]) => [name, kind, label]), Object.entries<{ kind: string, label?: string }>(METRICS).map(([name, { kind, label = '' }]) => [name, kind, label]))
})

test('docs/reference/events-and-metrics.md lists exactly the spans', t => {
  t.deepEqual(namesOf('OpenTelemetry'), found(/name: '(libp2p\.[a-z.]+)'/g))
})
