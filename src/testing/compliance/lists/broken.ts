import { NotFoundError } from '@libp2p/interface'
import { all, expect } from '../rule.ts'
import { describeValue } from '../../../pipeline/describe-value.ts'
import { outcomeOf, show } from './look.ts'
import type { Bench } from '../bench.ts'
import type { Candidate } from '../../../pipeline/types.ts'
import type { ScriptedComponentsInit } from '../../scripted-components.ts'

async function passesFailuresOn (bench: Bench): Promise<void> {
  for (const moment of ['at rest', 'at work', 'before its first list']) {
    const trial = bench.begin()
    const error = new Error('The stage above is broken')

    if (moment !== 'before its first list') {
      trial.give({ candidates: bench.candidates })
      await (moment === 'at rest' ? trial.rest() : trial.settle())
      trial.checkAlive()
    }

    // one that is over before its source breaks another point
    if (trial.ended) {
      return
    }

    trial.upstream.fail(error)
    await trial.rest()
    expect(!trial.ended, `${moment}: the stage above failed, and it ended as if nothing were wrong`)
    expect(trial.failure != null, `${moment}: the stage above failed, and it went on`)
    expect(trial.failure.error === error, `${moment}: the stage above failed with ${describeValue(error)}, and it with ${describeValue(trial.failure.error)}`)
  }
}

async function yieldsSense (bench: Bench): Promise<void> {
  const trial = bench.begin()
  trial.give({ candidates: bench.candidates })
  await outcomeOf(trial)

  for (const { value, candidates } of trial.outputs) {
    expect(value?.kind === 'candidates' && Array.isArray(value.candidates) && typeof value.complete === 'boolean' && typeof value.revision === 'number', `it yielded ${describeValue(value)} where a list was expected`)
    candidates.forEach(one => { expect(isCandidate(one), `it yielded ${describeValue(one)} as a candidate`) })
  }
}

function isCandidate (one: Candidate): boolean {
  return typeof one?.id === 'string' && one.multiaddr != null && typeof one.isCertified === 'boolean' && Array.isArray(one.provenance)
}

/** What stands above a source is yielded whether or not the service is there that the source asks */
async function goesOnWithoutService (bench: Bench): Promise<void> {
  if (bench.make().accepts.target !== true) {
    return
  }

  const up = bench.begin()
  up.give({ candidates: bench.candidates })
  await outcomeOf(up)
  const down = bench.begin({ components: servicesDown() })
  down.give({ candidates: bench.candidates })
  await outcomeOf(down)
  const above = new Set(bench.from === 'candidates' ? bench.candidates.map(({ id }) => id) : [])
  const lost = up.ids.filter(id => above.has(id) && !down.ids.includes(id))

  expect(lost.length === 0, `without the services of the node, ${show(lost)} is gone, which stood above`)
  expect(down.last?.value.complete === up.last?.value.complete, 'without the services of the node its list is never complete')
}

function servicesDown (): Partial<ScriptedComponentsInit> {
  const down = async (): Promise<never> => { throw new NotFoundError('The service is down') }
  const broken = async (): Promise<never> => { throw new Error('The service is down') }

  return {
    peerStore: { get: broken, merge: broken } as any,
    peerRouting: { findPeer: down, getClosestPeers: broken } as any
  }
}

export const broken = all(passesFailuresOn, yieldsSense, goesOnWithoutService)
