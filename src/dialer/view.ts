import type { Dialing } from './dialing.ts'
import type { Engine } from './engine.ts'
import type { PeerId } from '@libp2p/interface'

/** What the connection manager reads of a dial queue's jobs */
export interface JobView {
  id: string
  status: 'queued' | 'running' | 'errored' | 'complete'
  options: { peerId?: PeerId, multiaddrs: Iterable<string> }
  abort (reason: Error): void
}

/** The pending dials as jobs of a dial queue, with the addresses that are known by now */
export function viewOf (engine: Engine): JobView[] {
  return Array.from(engine.pending, dial => jobOf(dial, engine))
}

export function jobOf (dial: Dialing, engine: Engine): JobView {
  return {
    id: dial.id,
    status: dial.run == null ? 'queued' : 'running',
    options: {
      peerId: dial.requested.peerId,
      multiaddrs: new Set([...dial.requested.multiaddrs.map(String), ...dial.run?.story.addresses.keys() ?? []])
    },
    abort: reason => { engine.abort(dial, reason) }
  }
}
