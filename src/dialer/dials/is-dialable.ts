import { AbortError, TimeoutError } from '@libp2p/interface'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { DIAL_TIMEOUT } from '../../pipeline/dial-components.ts'
import { Judgements } from '../../pipeline/judgements.ts'
import { pipeline } from '../../pipeline/pipeline.ts'
import { listStagesOf } from '../../pipeline/runtime/connect.ts'
import { Lists } from '../../pipeline/runtime/lists.ts'
import { LiveTarget } from '../../pipeline/runtime/live-target.ts'
import { Part } from '../../pipeline/runtime/part.ts'
import { Story } from '../../pipeline/runtime/story.ts'
import { safeLog } from '../../pipeline/safe-log.ts'
import { dialable } from '../../stages/dialable.ts'
import { fromCaller } from '../../stages/from-caller.ts'
import { gater } from '../../stages/gater.ts'
import { resolve } from '../../stages/resolve.ts'
import type { DialComponents } from '../../pipeline/types.ts'
import type { IsDialableOptions } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const check = pipeline(fromCaller(), resolve(), dialable(), gater())

/**
 * Resolves to whether a dial would try one of the addresses: it resolves, has a transport, and is not denied. Never rejects. Without a
 * signal it resolves to false after the node's `dialTimeout`
 */
export async function isDialable (multiaddr: Multiaddr | Multiaddr[], components: DialComponents, { signal, runOnLimitedConnection }: IsDialableOptions = {}): Promise<boolean> {
  const { dialTimeout = DIAL_TIMEOUT } = components.settings
  const target = new LiveTarget(undefined, Array.isArray(multiaddr) ? multiaddr : [multiaddr])
  const log = safeLog(components.logger, 'libp2p:dial-pipeline:is-dialable')

  const part = new Part({
    node: components,
    target,
    log,
    options: {},
    story: new Story(),
    judgements: new Judgements(components),
    onListPulled: () => {},
    discard: () => {},
    attempt: () => { throw new AbortError('Nothing is dialled to see whether it could be') }
  })
  const onAbort = (): void => { part.end(signal?.reason) }
  signal?.addEventListener('abort', onAbort)

  if (signal == null) {
    part.after(dialTimeout, () => { part.end(new TimeoutError(`No answer after ${dialTimeout} ms`)) })
  }

  try {
    signal?.throwIfAborted()
    const lists = new Lists(part, undefined, listStagesOf(check.stages, part))

    while (true) {
      const { candidates, complete } = lists.take()

      if (candidates.some(candidate => runOnLimitedConnection !== false || !Circuit.matches(candidate.multiaddr))) {
        return true
      }

      if (complete) {
        return false
      }

      await target.wake.wait(part, Infinity)
    }
  } catch (err) {
    log('could not tell whether %s is dialable - %e', multiaddr, err)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    part.end(new AbortError('The answer is known'))
  }

  return false
}
