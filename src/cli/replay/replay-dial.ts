import { AbortError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { DialEngine } from '../../dialer/dial-engine.ts'
import { VirtualClock } from '../../testing/virtual-clock.ts'
import { RecordedNetwork } from './recorded-network.ts'
import { recordedNode } from './recorded-node.ts'
import type { UnknownOutcome } from './recorded-network.ts'
import type { ObservedDial } from '../../metrics/observer.ts'
import type { DialPipeline } from '../../pipeline/types.ts'
import type { DialTrace } from '../../trace/types.ts'

export interface Replay {
  trace: DialTrace
  /** Address whose outcome the trace lacks. The replay ends there */
  unknown?: UnknownOutcome
}

/**
 * Replays a recorded dial through another pipeline on a virtual clock, without network. The node has no history and libp2p's default
 * timeouts
 *
 * @throws the error of a dial that is refused before it begins
 */
export async function replayDial (recorded: DialTrace, pipeline: DialPipeline): Promise<Replay> {
  const clock = new VirtualClock(recorded.startedAt)
  let unknown: UnknownOutcome | undefined
  const network = new RecordedNetwork(clock, recorded, what => {
    unknown ??= what
    engine.dials.running.forEach(dial => { engine.abort(dial, new AbortError(`the trace does not say what ${what.address} would do`)) })
  })
  const { components, settings } = recordedNode(recorded, clock, network)
  let ended: ObservedDial | undefined
  const engine = new DialEngine(components, settings, pipeline, { observer: () => ({ dialEnded: dial => { ended = dial } }) })
  const { peer, addresses } = recorded.target
  let refusal: unknown
  const dialled = engine.dial(addresses.length > 0 ? addresses.map(address => multiaddr(address)) : peerIdFromString(peer ?? '')).catch((err: unknown) => { refusal = err })
  const [running] = engine.dials.running
  await clock.until(dialled)
  const dial = running ?? ended

  if (dial == null) {
    throw refusal
  }

  const { trace } = dial
  engine.stop()

  return { trace, unknown }
}
