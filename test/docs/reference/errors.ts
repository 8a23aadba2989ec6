import * as books from '../../../src/address-book/index.ts'
import * as dialers from '../../../src/index.ts'
import * as streams from '../../../src/stream-migration/index.ts'
import { capital, oneLine } from './comments.ts'
import { find, sources } from './declarations.ts'
import { code, table } from './table.ts'

const ENTRIES: Readonly<Record<string, object>> = {
  'libp2p-dial-pipeline': dialers,
  'libp2p-dial-pipeline/address-book': books,
  'libp2p-dial-pipeline/stream-migration': streams
}

/** The folders whose errors no program receives: the command line, and tools for tests */
const INTERNAL = /^src\/(?:cli|testing)\//

/** The meaning of each error of libp2p or JavaScript that this package throws */
const OTHERS: Readonly<Record<string, string>> = {
  AbortError: 'The signal of the caller aborted without a reason of its own, or another address won the race',
  AggregateError: 'Several attempts of a dial failed. `errors` has the error of each',
  ConnectionClosedError: 'A connection closed while it was opened or checked, or because a better one exists',
  DialError: 'A transport returned something that is no usable connection',
  InvalidMultiaddrError: 'The target of a dial is neither a peer id nor a multiaddr',
  InvalidParametersError: 'An option or an argument of a service or a method is unknown or wrong',
  NotFoundError: 'The node has no address to seal into its own record',
  StreamResetError: 'The other end reset a stream that can move',
  StreamStateError: 'A stream is used after it was closed',
  TimeoutError: 'An attempt, a connection, a check or a dial took too long. The message names who was awaited',
  UnexpectedPeerError: 'Another peer than the dialled one answered at the address',
  UnsupportedProtocolError: 'The other end does not support stream migration'
}

const thrown = new Set([...sources].filter(([file]) => !INTERNAL.test(file)).flatMap(([, text]) => Array.from(text.matchAll(/new (\w+Error)\(/g), ([, name = '']) => name)))
const own = new Set([...sources.values()].flatMap(text => Array.from(text.matchAll(/^export class (\w+Error) extends/gm), ([, name = '']) => name)))

/** The maximum number of folders in a cell. Beyond it, the cell lists the parent folders */
const MOST = 3

/** Errors that the package catches itself */
const UNSEEN = new Set(['RangeError'])

/** Returns the table of the errors of this package */
export function ownErrors (): string {
  return table(['name', 'exported by', 'when', 'thrown in'], [...thrown].filter(name => own.has(name)).toSorted().map(name => [
    code(name), Object.keys(ENTRIES).filter(entry => Object.hasOwn(ENTRIES[entry] ?? {}, name)).map(code).join(', '), whenOf(name), placesOf(name)
  ]))
}

/** Returns the table of the errors that libp2p or JavaScript define */
export function otherErrors (): string {
  const names = [...thrown].filter(name => !own.has(name) && !UNSEEN.has(name)).toSorted()

  return table(['name', 'when', 'thrown in'], names.map(name => [code(name), meaningOf(name), placesOf(name)]))
}

function meaningOf (name: string): string {
  const meaning = OTHERS[name]

  if (meaning == null) {
    throw new Error(`say in test/docs/reference/errors.ts when ${name} is thrown`)
  }

  return meaning
}

function whenOf (name: string): string {
  return capital(oneLine(find(name).comment.text).replace(/^Thrown (?:(?:when|if) )?/, '').replace(/\.$/, ''))
}

/** Returns the folders whose files throw an error */
function placesOf (name: string): string {
  const files = [...sources].filter(([file, text]) => !INTERNAL.test(file) && text.includes(`new ${name}(`)).map(([file]) => file)
  const folders = [...new Set(files.map(file => file.replace(/\/[^/]+$/, '')))]
  const few = folders.length <= MOST ? folders : [...new Set(folders.map(folder => folder.split('/').slice(0, 2).join('/')))]

  return few.toSorted().map(folder => `[${folder.replace(/^src\//, '')}](../../${folder})`).join(', ')
}
