import { EVENT_TYPES } from '../../../src/dialer/events/types.ts'
import { METRICS, scrapedName } from '../../../src/metrics/definitions.ts'
import { oneLine } from './comments.ts'
import { find, membersOf, sources } from './declarations.ts'
import { code, table } from './table.ts'

/** The namespaces of logs. Each stage has its own */
const LOGS: Readonly<Record<string, string>> = {
  'libp2p:connection-manager:dial-queue': 'The lines that libp2p\'s own dialer logs there',
  'libp2p:dial-pipeline': 'Failures beside a dial: a store, a listener, a stage that throws',
  'libp2p:dial-pipeline:address-book': 'Reads and writes of the address book',
  'libp2p:dial-pipeline:bans': 'Bans that are stored, and bans that are evicted',
  'libp2p:dial-pipeline:bootstrap': 'Rounds of `bootstrap()` in which no peer of the list connected',
  'libp2p:dial-pipeline:converge': 'Redundant connections that did not close',
  'libp2p:dial-pipeline:dial': 'The start and the end of each dial, and of each attempt',
  'libp2p:dial-pipeline:history': 'Reads and writes of the history',
  'libp2p:dial-pipeline:is-dialable': 'The reason why `isDialable()` has no answer',
  'libp2p:dial-pipeline:plan': 'The work of stages for `dialer.plan()`, which dials nothing',
  'libp2p:dial-pipeline:provenance': 'Writers whose addresses have no known source',
  'libp2p:dial-pipeline:verify-inbound': 'Inbound connections that the check refused'
}

/** The spans of a dial with a trace context */
const SPANS: Readonly<Record<string, readonly [description: string, attributes: string]>> = {
  'libp2p.dial': ['The dial of one caller, from its call to its answer', '`libp2p.peer.id`, `libp2p.dial.addresses`, `libp2p.dial.outcome`, `libp2p.multiaddr`'],
  'libp2p.dial.attempt': ['One dial of a transport, within the span of the caller who asked first', '`libp2p.multiaddr`, `libp2p.peer.id`, `libp2p.transport`, `network.peer.address`, `libp2p.dial.outcome`']
}

/** Returns the table of the events of a dialer */
export function eventTable (): string {
  const events = membersOf('DialerEvents')

  return table(['event', 'when', 'detail'], EVENT_TYPES.map(type => {
    const event = events.find(({ name }) => name === type)

    if (event == null) {
      throw new Error(`DialerEvents does not declare ${type}`)
    }

    return [code(type), oneLine(event.comment.text), detailOf(/^CustomEvent<(.+)>$/.exec(event.type)?.[1] ?? '')]
  }))
}

/** Returns the table of the progress events that a dial adds to those of libp2p */
export function progressTable (): string {
  const { text } = find('DialPipelineProgressEvents')

  return table(['event', 'detail'], Array.from(text.matchAll(/ProgressEvent<'([^']+)', (\w+)>/g), ([, name = '', detail = '']) => [code(name), detailOf(detail)]))
}

/** Returns the table of the metrics */
export function metricTable (): string {
  return table(['metric', 'kind', 'label', 'description'], Object.entries<{ kind: string, label?: string, help: string }>(METRICS).map(([name, { kind, label, help }]) => [
    code(scrapedName(name as keyof typeof METRICS).replace('libp2p_dial_pipeline_', '')), kind, label == null ? '' : code(label), help
  ]))
}

/** Returns the table of the namespaces of logs */
export function logTable (): string {
  return table(['namespace', 'logs'], described(/'(libp2p:(?:dial-pipeline|connection-manager)[a-z:-]*)'/g, LOGS).map(name => [code(name), LOGS[name] ?? '']))
}

/** Returns the table of the spans */
export function spanTable (): string {
  return table(['span', 'description', 'attributes'], described(/name: '(libp2p\.[a-z.]+)'/g, SPANS).map(name => [code(name), SPANS[name]?.[0] ?? '', SPANS[name]?.[1] ?? '']))
}

/** Returns the names in the code. @throws unless each has a description, and each description a name */
function described (pattern: RegExp, descriptions: object): string[] {
  const names = [...new Set([...sources.values()].flatMap(text => Array.from(text.matchAll(pattern), ([, name = '']) => name)))].toSorted()
  const wrong = [...names.filter(name => !Object.hasOwn(descriptions, name)), ...Object.keys(descriptions).filter(name => !names.includes(name))]

  if (wrong.length > 0) {
    throw new Error(`test/docs/reference/events.ts describes other names than the code has: ${wrong.join(', ')}`)
  }

  return names
}

/** Returns the names of the members of a type. The trace of a dial is returned as the type */
function detailOf (type: string): string {
  const inline = /^\{ (.+) \}$/.exec(type)?.[1]?.split(', ').map(part => part.split(':')[0] ?? '')
  const names = inline ?? [...new Set(membersOf(type).map(({ name }) => name))]

  return type === 'DialTrace' ? '[the trace](trace.md)' : names.map(code).join(', ')
}
