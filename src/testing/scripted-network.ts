import { TypedEventEmitter } from 'main-event'
import { withoutPeer } from '../pipeline/candidate.ts'
import { checkArguments, checkOptions, checkValue } from '../pipeline/check-options.ts'
import { sleep } from '../pipeline/clock.ts'
import { InvalidPipelineError } from '../pipeline/errors.ts'
import { BOOLEAN, CLOCK, isRecord, MILLISECONDS, oneOf } from '../pipeline/option-kinds.ts'
import type { Clock } from '../pipeline/clock.ts'
import type { OptionKind } from '../pipeline/option-kinds.ts'
import type { AbortOptions, Connection, ConnectionStatus } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The behaviour of an address when it is dialled. Times are in milliseconds after the start of the attempt.
 *
 * - `connects` and `refuses` are the time of the connection, or of the error.
 * - `firstResponse` and `encrypted` are the times of earlier steps of the handshake.
 * - `isLimited` makes the connection a limited one, as over a relay.
 * - `error` replaces the error of a refusal, which is ECONNREFUSED by default.
 * - A `'silent'` address never answers. A time of `Infinity` is never, too.
 */
export type Script =
  | { connects: number, firstResponse?: number, encrypted?: number, isLimited?: boolean }
  | { refuses: number, firstResponse?: number, encrypted?: number, error?: Error }
  | 'silent'

interface ScriptParts {
  connects?: number
  refuses?: number
  firstResponse?: number
  encrypted?: number
  isLimited?: boolean
  error?: Error
}

const SCRIPT_OPTIONS = {
  connects: MILLISECONDS,
  refuses: MILLISECONDS,
  firstResponse: MILLISECONDS,
  encrypted: MILLISECONDS,
  isLimited: BOOLEAN,
  error: { expected: 'an error', test: value => value instanceof Error } satisfies OptionKind
}

const SCRIPTS: OptionKind = { expected: 'an object with a script for each address', test: isRecord }
const ADDRESS: OptionKind = { expected: 'the text of an address', test: value => typeof value === 'string', advise: () => 'String(address)' }

function checkScript (address: string, script: Script): void {
  const owner = `The script of ${address}`

  if (typeof script === 'string') {
    checkValue(owner, script, { ...oneOf('silent'), expected: 'an object of options' })
    return
  }

  checkOptions<ScriptParts>(owner, script, SCRIPT_OPTIONS)
  const { connects, refuses }: ScriptParts = script

  if ((connects == null) === (refuses == null)) {
    throw new InvalidPipelineError(`${owner} needs either connects or refuses: write { connects: 40 }, { refuses: 40 } or 'silent'`)
  }
}

/** An attempt on a scripted network */
export interface ScriptedAttempt {
  multiaddr: string
  /** The time of the clock at which the attempt began */
  at: number
  signal: AbortSignal
  connection?: Connection
}

export interface ScriptedDialOptions extends AbortOptions {
  onProgress?: (event: { type: string }) => void
}

/** A network on a virtual clock. Each address behaves as its script says. An address without a script is silent */
export class ScriptedNetwork {
  /** Every attempt so far, in order */
  readonly attempts: ScriptedAttempt[] = []
  readonly #clock: Clock
  readonly #scripts: Map<string, Script>

  /**
   * @param scripts the script of each address, with or without the peer id at its end
   * @throws InvalidPipelineError for a script with an unknown or wrong property, and for one that neither connects nor refuses
   */
  constructor (clock: Clock, scripts: Readonly<Record<string, Script>> = {}) {
    checkArguments('ScriptedNetwork()', arguments, 2)
    checkValue('ScriptedNetwork()', clock, CLOCK)
    checkValue('ScriptedNetwork()', scripts, SCRIPTS)
    Object.entries(scripts).forEach(([address, script]) => { checkScript(address, script) })
    this.#clock = clock
    this.#scripts = new Map(Object.entries(scripts))
  }

  /** The connections that are open now */
  get open (): Connection[] {
    return this.attempts.flatMap(({ connection }) => connection?.status === 'open' ? [connection] : [])
  }

  /** The addresses that were dialled, in order and without the peer id */
  get dialled (): string[] {
    return this.attempts.map(({ multiaddr }) => withoutPeer(multiaddr))
  }

  /**
   * Sets the script of an address. Attempts in flight are not affected
   *
   * @throws InvalidPipelineError for a wrong script, as the constructor does
   */
  script (multiaddr: string, script: Script): void {
    checkValue('script()', multiaddr, ADDRESS)
    checkScript(multiaddr, script)
    this.#scripts.set(multiaddr, script)
  }

  /**
   * Dials an address, as a transport does
   *
   * @throws the error of the script, or the reason of the signal
   */
  async dial (multiaddr: Multiaddr, { signal = new AbortController().signal, onProgress }: ScriptedDialOptions): Promise<Connection> {
    const attempt: ScriptedAttempt = { multiaddr: multiaddr.toString(), at: this.#clock.now(), signal }
    const script = this.#scripts.get(attempt.multiaddr) ?? this.#scripts.get(withoutPeer(attempt.multiaddr)) ?? 'silent'
    this.attempts.push(attempt)

    if (script === 'silent') {
      await sleep(2 ** 31, this.#clock, signal)
      throw new Error(`${attempt.multiaddr} is silent`)
    }

    const { connects, refuses, firstResponse, encrypted, isLimited, error }: ScriptParts = script

    if (firstResponse != null) {
      await sleep(firstResponse, this.#clock, signal)
      onProgress?.({ type: 'upgrader:encrypt-outbound-connection' })
    }

    if (encrypted != null) {
      await sleep(encrypted - (firstResponse ?? 0), this.#clock, signal)
      onProgress?.({ type: 'upgrader:multiplex-outbound-connection' })
    }

    await sleep((refuses ?? connects ?? 0) - (encrypted ?? firstResponse ?? 0), this.#clock, signal)

    if (refuses != null) {
      throw error ?? Object.assign(new Error(`connect ECONNREFUSED ${withoutPeer(attempt.multiaddr)}`), { code: 'ECONNREFUSED' })
    }

    attempt.connection = new ScriptedConnection(multiaddr, isLimited) as unknown as Connection

    return attempt.connection
  }
}

let connections = 0

/** The properties of a connection that a dialer reads */
class ScriptedConnection extends TypedEventEmitter<{ close: Event }> {
  readonly id = `scripted-${++connections}`
  readonly streams: unknown[] = []
  readonly direct: boolean
  readonly remoteAddr: Multiaddr
  readonly remotePeer?: string
  /** The limits of a relayed connection. Undefined: the connection is unlimited */
  readonly limits?: Connection['limits']
  status: ConnectionStatus = 'open'

  constructor (remoteAddr: Multiaddr, isLimited = false) {
    super()
    this.limits = isLimited ? {} : undefined
    this.remoteAddr = remoteAddr
    this.direct = !remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit')
    this.remotePeer = remoteAddr.getComponents().findLast(({ name }) => name === 'p2p')?.value
  }

  newStream (): void {
    throw new Error('A scripted connection carries no streams')
  }

  async close (): Promise<void> {
    this.#end('closed')
  }

  abort (): void {
    this.#end('aborted')
  }

  #end (status: ConnectionStatus): void {
    if (this.status === 'open') {
      this.status = status
      this.safeDispatchEvent('close')
    }
  }
}
