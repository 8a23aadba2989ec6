import { Chalk } from 'chalk'
import { printable } from '../pipeline/safe-text.ts'
import type { ChalkInstance } from 'chalk'

/** The part of a stream that commands use */
export interface Output {
  write (text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The process around a command. A test gives another one */
export interface Surroundings {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user presses Ctrl-C */
  readonly signal: AbortSignal
}

/** Columns that a line has at least, and where nobody says how many */
const LEAST = 20
const DEFAULT = 80

/** The output of a command: its streams, its width and its colours */
export class Context {
  readonly stdout: Output
  readonly stderr: Output
  readonly signal: AbortSignal
  readonly paint: ChalkInstance
  readonly #env: Surroundings['env']

  constructor ({ stdout, stderr, env, signal }: Surroundings) {
    this.stdout = stdout
    this.stderr = stderr
    this.signal = signal
    this.#env = env
    // https://no-color.org: any value but an empty one
    this.paint = new Chalk({ level: this.isTerminal && (env.NO_COLOR ?? '') === '' ? 1 : 0 })
  }

  /** Whether the output goes to a terminal that moves its cursor */
  get isTerminal (): boolean {
    return this.stdout.isTTY === true && this.#env.TERM !== 'dumb'
  }

  /** The width of a line, in letters */
  get columns (): number {
    const columns = this.stdout.columns ?? Number(this.#env.COLUMNS)

    return Number.isInteger(columns) && columns > 0 ? Math.max(LEAST, columns) : DEFAULT
  }

  print (text: string): void {
    this.stdout.write(`${text}\n`)
  }

  printJson (value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2))
  }

  printError (text: string): void {
    // the message may hold what other peers have said
    this.stderr.write(`${this.paint.red('error:')} ${text.split('\n').map(printable).join('\n')}\n`)
  }
}
