/** The measured figures of a book, with their unit */
export const UNITS = {
  'memory of an address': 'B',
  'memory of a peer': 'B',
  'observe, new': 'µs a report',
  'observe, known': 'µs an address',
  query: 'µs a peer',
  'query, not parsed': 'µs a peer',
  write: 'µs a peer',
  written: 'B a report',
  read: 'µs a peer',
  'sweep, nothing is due': 'µs a peer',
  'sweep, all is due': 'µs a peer'
} as const

export type Figures = Record<keyof typeof UNITS, number>

/** The figures that must not rise */
export const CLAIMED: ReadonlyArray<keyof Figures> = ['memory of an address', 'memory of a peer', 'observe, new', 'observe, known', 'query', 'sweep, nothing is due', 'sweep, all is due']
