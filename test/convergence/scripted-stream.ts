import { TypedEventEmitter } from 'main-event'
import { FakeConnection } from './fakes.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** A connection that carries scripted streams */
export class ScriptedConnection extends FakeConnection {
  readonly name: string

  constructor (name: string, remotePeer: string) {
    super({ remotePeer })
    this.name = name
  }
}

/** The properties of a stream that followPreferred() uses */
export class ScriptedStream extends TypedEventEmitter<Record<'message' | 'idle' | 'close', Event>> {
  readonly errors: unknown[] = []
  readonly log = { error: (...args: unknown[]) => { this.errors.push(args) } }
  readonly connection: Connection
  status = 'open'
  writeStatus = 'writable'
  remoteWriteStatus = 'writable'
  readBufferLength = 0
  writeBufferLength = 0
  writableNeedsDrain = false
  error?: Error

  constructor (connection: Connection) {
    super()
    this.connection = connection
  }

  /** The name of the stream's connection */
  get on (): string { return (this.connection as unknown as ScriptedConnection).name }
  get self (): Stream { return this as unknown as Stream }

  receive (): void {
    this.dispatchEvent(new Event('message'))
  }

  send (): void {
    this.dispatchEvent(new Event('idle'))
  }

  async close (): Promise<void> {
    this.writeStatus = 'closed'
  }

  abort (error: Error): void {
    this.error = error
    this.end('aborted')
  }

  end (status: string): void {
    if (this.status === 'open') {
      this.status = status
      this.writeStatus = this.remoteWriteStatus = 'closed'
      this.dispatchEvent(new Event('close'))
    }
  }

  /** Whether nothing watches the stream any more */
  get isLeft (): boolean {
    return (['message', 'idle', 'close'] as const).every(type => this.listenerCount(type) === 0) && this.dispatchEvent.name !== '#watchedDispatch'
  }
}
