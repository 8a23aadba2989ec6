import * as presets from '../../../presets/index.ts'
import * as books from '../../../src/address-book/index.ts'
import * as dialers from '../../../src/index.ts'
import * as stages from '../../../src/stages/index.ts'
import * as streams from '../../../src/stream-migration/index.ts'
import * as testing from '../../../src/testing/index.ts'
import * as traces from '../../../src/trace/index.ts'
import { capital, splitDefault, summary } from './comments.ts'
import { membersOf, sources, withValues } from './declarations.ts'
import { findExported, parametersOf } from './parameters.ts'
import { code, table } from './table.ts'
import type { Member } from './declarations.ts'
import type { Parameter } from './parameters.ts'

/** The functions of each entry, and the folder that declares them */
export const ENTRIES: Readonly<Record<string, { readonly functions: object, readonly folder: string }>> = {
  stages: { functions: stages, folder: 'src/' },
  presets: { functions: presets, folder: 'presets/' },
  dialer: { functions: dialers, folder: 'src/dialer/' },
  addressBook: { functions: books, folder: 'src/address-book/' },
  trace: { functions: traces, folder: 'src/trace/' },
  testing: { functions: testing, folder: 'src/testing/' },
  streams: { functions: streams, folder: 'src/stream-migration/' }
}

/** The interfaces of the options of methods and arguments */
const OBJECTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dialer: { 'dialer.ban(target, options)': 'BanOptions', 'dialer.bootstrap(list, options)': 'BootstrapInit', 'dialer.explain(subject, options)': 'RenderTraceInit' },
  dial: { 'node.dial(target, options)': 'DialPipelineOptions' }
}

/** The type of the options of functions that take a pipeline first */
const INIT_OF: Readonly<Record<string, string>> = { dialer: 'DialerInit & OrElse', attach: 'DialerInit' }

/** Returns a heading, the call and a table for each function of an entry that has options */
export function optionTables (entry: string): string {
  const { functions = {}, folder = '' } = ENTRIES[entry] ?? {}
  const made = namesOf(functions).map(name => ({ title: `${name}()`, call: callOf(name, folder), rows: rowsOf(name, folder) }))
  const objects = Object.entries(OBJECTS[entry] ?? {}).map(([call, type]) => ({ title: call.replace(/\(.*/, '()'), call, rows: membersOf(type).flatMap(one => memberRows(one)) }))

  return [...made, ...objects].filter(({ rows }) => rows.length > 0)
    .map(({ title, call, rows }) => `### ${code(title)}\n\n${code(call)}\n\n${table(['option', 'type', 'unit', 'default', 'description'], rows)}`).join('\n\n')
}

/** Returns the name of a function for a table, linked to its options if it has any */
export function linkedName (name: string, folder: string): string {
  return rowsOf(name, folder).length === 0 ? code(`${name}()`) : `[${code(`${name}()`)}](options.md#${name.toLowerCase()})`
}

/** Returns the names of the functions of an entry, without classes */
export function namesOf (functions: object): string[] {
  return Object.entries(functions).filter(([, value]) => typeof value === 'function' && !String(value).startsWith('class')).map(([name]) => name)
}

/** Returns the options of a parameter with an options type, or several. Other objects, such as a trace, have none */
function optionsOf (type: string): Member[] {
  return type.split(' & ').flatMap(part => {
    const [name = ''] = /^\w+/.exec(part) ?? []

    return /(?:Init|Options|Fixture|OrElse)$/.test(name) ? membersOf(name) : []
  })
}

/** Returns how a function is called, with the names of its options: `retry(pipeline, { retries, delay })` */
export function callOf (name: string, folder: string): string {
  const parameters = INIT_OF[name] == null ? parametersOf(name, folder) : [{ name: name === 'attach' ? 'node, pipeline' : 'pipeline', type: '' }, { name: 'init', type: INIT_OF[name] }]

  return `${name}(${parameters.map(({ name, type }) => {
    const members = optionsOf(type)

    return members.length === 0 ? name : `{ ${members.map(one => one.name).join(', ')} }`
  }).join(', ')})`
}

/** Returns the names of the options of a function */
export function optionNames (name: string, folder: string): string[] {
  return parametersOf(name, folder).flatMap(({ type }) => optionsOf(type).map(one => one.name))
}

function rowsOf (name: string, folder: string): string[][] {
  const { comment } = findExported(name, folder)
  const parameters = INIT_OF[name] == null ? parametersOf(name, folder) : [{ name: 'init', type: INIT_OF[name], isOptional: true }]

  return parameters.flatMap(one => {
    const members = optionsOf(one.type)
    const text = comment.params.get(one.name.replace('...', '')) ?? ''

    return members.length > 0 ? members.flatMap(member => memberRows(member)) : one.default != null || text !== '' ? [parameterRow(one, text)] : []
  })
}

function parameterRow ({ name, type, default: value }: Parameter, text: string): string[] {
  const split = splitDefault(text)
  const constant = value == null ? undefined : /^[A-Z][A-Z_]+$/.test(value) ? constantOf(value) : value

  return [code(name), code(type), unitOf(text === '' && name === 'ms' ? 'Milliseconds' : text, type), split.default ?? (constant == null || constant === '{}' ? '' : code(constant)), capital(split.text.replace(/\.$/, ''))]
}

/** Returns the rows of an option. An options object has a further row for each of its options */
function memberRows ({ name, type, isOptional, comment }: Member, prefix = ''): string[][] {
  const { text, default: inText } = splitDefault(comment.text)
  const value = comment.default ?? inText
  const own = [code(`${prefix}${name}`), code(withValues(type)), unitOf(text, type), isOptional ? asDefault(value) : 'required', summary(text)]
  const inner = prefix === '' ? membersOf(type.replace(/ \| false$/, '')).flatMap(one => memberRows(one, `${name}.`)) : []

  return [own, .../Init\b/.test(type) ? inner : []]
}

/** Formats a default: a value as code, a sentence as text */
function asDefault (value = ''): string {
  return value === '' || /[`\s]/.test(value) ? value : code(value)
}

function unitOf (text: string, type: string): string {
  return /millisecond/i.test(text) && type.includes('number') ? 'ms' : ''
}

function constantOf (name: string): string | undefined {
  return [...sources.values()].flatMap(text => new RegExp(`^(?:export )?const ${name}(?:: \\w+)? = ([\\d_]+|Infinity)$`, 'm').exec(text)?.[1] ?? [])[0]
}
