import { AbortError } from '@libp2p/interface'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { anySignal } from 'any-signal'
import { Judgements } from '../pipeline/judgements.ts'
import { LiveTarget } from '../pipeline/live-target.ts'
import { pipeline } from '../pipeline/pipeline.ts'
import { StageDial } from '../pipeline/stage-dial.ts'
import { Story } from '../pipeline/story.ts'
import { dialable } from '../stages/dialable.ts'
import { fromCaller } from '../stages/from-caller.ts'
import { gater } from '../stages/gater.ts'
import { resolve } from '../stages/resolve.ts'
import type { DialComponents } from '../pipeline/types.ts'
import type { IsDialableOptions } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const check = pipeline(fromCaller(), resolve(), dialable(), gater())

/** Whether one of the addresses would be dialled: resolved, with a transport, and not denied. Never rejects */
export async function isDialable (multiaddr: Multiaddr | Multiaddr[], components: DialComponents, { signal, runOnLimitedConnection }: IsDialableOptions = {}): Promise<boolean> {
  const controller = new AbortController()
  const both = anySignal([signal, controller.signal])
  const { clock, settings } = components
  const judgements = new Judgements(components)
  const target = new LiveTarget(undefined, Array.isArray(multiaddr) ? multiaddr : [multiaddr])

  const dial = new StageDial({
    clock,
    target,
    log: components.logger.forComponent('libp2p:dial-pipeline:is-dialable'),
    options: {},
    timeout: settings.addressDialTimeout,
    story: new Story(),
    listed: () => {},
    linger: () => {},
    keep: () => {},
    discard: () => {},
    attempt: async () => { throw new AbortError('Nothing is dialled to see whether it could be') },
    whyNotDialable: candidate => judgements.whyNotDialable(candidate),
    gate: candidate => judgements.gate(candidate)
  }, both)

  try {
    for await (const { candidates, complete } of check(components).run(target.follow(both), dial)) {
      if (candidates.some(candidate => runOnLimitedConnection !== false || !Circuit.matches(candidate.multiaddr))) {
        return true
      }

      if (complete) {
        return false
      }
    }
  } catch (err) {
    dial.log('could not tell whether %s is dialable - %e', multiaddr, err)
  } finally {
    controller.abort(new AbortError('The answer is known'))
    both.clear()
  }

  return false
}
