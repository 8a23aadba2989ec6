import { Chalk } from 'chalk'
import { printable } from '../pipeline/safe-text.ts'
import type { ChalkInstance } from 'chalk'

/** The parts of an output stream that commands use */
export interface Output {
  write (text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The process in which a command runs. Tests pass their own */
export interface CliEnvironment {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user presses Ctrl-C */
  readonly signal: AbortSignal
}

/** The minimum number of columns, and the number if the width of the terminal is unknown */
const MIN_COLUMNS = 20
const DEFAULT = 80

/** Output of a command: its streams, width and colours */
export class Context {
  readonly stdout: Output
  readonly stderr: Output
  readonly signal: AbortSignal
  readonly paint: ChalkInstance
  readonly #env: CliEnvironment['env']
  readonly #paintError: ChalkInstance

  constructor ({ stdout, stderr, env, signal }: CliEnvironment) {
    this.stdout = stdout
    this.stderr = stderr
    this.signal = signal
    this.#env = env
    // https://no-color.org: any value but an empty one
    const painter = (output: Output): ChalkInstance => new Chalk({ level: this.#isTerminal(output) && (env.NO_COLOR ?? '') === '' ? 1 : 0 })
    this.paint = painter(stdout)
    this.#paintError = painter(stderr)
  }

  /** Whether the output is a terminal that can move its cursor */
  get isTerminal (): boolean {
    return this.#isTerminal(this.stdout)
  }

  /** Width of a line in characters */
  get columns (): number {
    const columns = this.stdout.columns ?? Number(this.#env.COLUMNS)

    return Number.isInteger(columns) && columns > 0 ? Math.max(MIN_COLUMNS, columns) : DEFAULT
  }

  print (text: string): void {
    this.stdout.write(`${text}\n`)
  }

  printJson (value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2))
  }

  printError (text: string): void {
    // the message may contain text from other peers
    this.stderr.write(`${this.#paintError.red('error:')} ${text.split('\n').map(printable).join('\n')}\n`)
  }

  #isTerminal ({ isTTY }: Output): boolean {
    return isTTY === true && this.#env.TERM !== 'dumb'
  }
}
