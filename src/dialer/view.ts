import type { Dialing } from './dialing.ts'
import type { PeerId } from '@libp2p/interface'

/** What the connection manager reads of a dial queue's jobs */
export interface JobView {
  id: string
  status: 'queued' | 'running' | 'errored' | 'complete'
  options: { peerId?: PeerId, multiaddrs: Iterable<string> }
  abort (): void
}

/** The pending dials as jobs of a dial queue, with the addresses that are known by now */
export function viewOf (dials: Iterable<Dialing>): JobView[] {
  return Array.from(dials, dial => ({
    id: dial.id,
    status: dial.run == null ? 'queued' : 'running',
    options: {
      peerId: dial.requested.peerId,
      multiaddrs: new Set([...dial.requested.multiaddrs.map(String), ...dial.run?.story.addresses.keys() ?? []])
    },
    abort: () => {}
  }))
}
