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

test('the page has every event of a dialer, and no other', t => {
  t.deepEqual(namesOf('Events of the dialer'), [...EVENT_TYPES].toSorted())
})

test('every event of a dialer is one that its types declare', t => {
  const declared = found(/^ {2}'([a-z]+:[a-z]+)': CustomEvent</gm)

  t.deepEqual(declared, [...EVENT_TYPES].toSorted())
})

test('the page has every progress event, and no other', t => {
  t.deepEqual(namesOf('Progress events of one dial'), found(/ProgressEvent<'(dial-pipeline:[a-z-]+)'/g))
})

test('the page has every namespace of the logs, and no other', t => {
  const names = found(/'(libp2p:(?:dial-pipeline|connection-manager)[a-z:-]*)'/g)

  t.deepEqual(namesOf('Logs').filter(name => !name.includes('<')), names)
})

test('the page has every metric with its kind and label, and no other', t => {
  t.deepEqual(rowsOf('Metrics').map(([name, kind, label]) => [name, kind, label]), Object.entries<{ kind: string, label?: string }>(METRICS).map(([name, { kind, label = '' }]) => [name, kind, label]))
})

test('the page has every span, and no other', t => {
  t.deepEqual(namesOf('OpenTelemetry'), found(/name: '(libp2p\.[a-z.]+)'/g))
})
