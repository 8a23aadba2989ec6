import { multiaddr } from '@multiformats/multiaddr'
import { candidate } from '../../src/pipeline/candidate.ts'
import { PEER } from '../../src/testing/compliance/samples.ts'
import { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { AnyStage, Candidate, Flow } from '../../src/pipeline/types.ts'
import type { DialConvergence } from '../../src/pipeline/convergence.ts'
import type { CandidateInit } from '../../src/pipeline/candidate.ts'
import type { ComplianceFixture } from '../../src/testing/compliance/types.ts'
import type { Script } from '../../src/testing/scripted-network.ts'
import type { ExecutionContext } from 'ava'
import type { Multiaddr } from '@multiformats/multiaddr'

export { PEER }

const TIME_LIMIT = 60_000

/** Runs one stage with scripted input on a virtual clock and a scripted network */
export function tryOut (t: ExecutionContext<any>, init: AnyStage, { from = 'candidates', takes, ...fixture }: Omit<ComplianceFixture, 'from'> & { from?: keyof Flow, takes?: number } = {}): StageRun {
  const trial = new StageRun({ init, from, candidates: [], fixture, timeLimit: TIME_LIMIT, takes })
  t.teardown(async () => {
    trial.leave()
    await trial.settle()
  })

  return trial
}

/** Runs one stage on one complete list for some milliseconds, by default a minute. Each address of the list answers as `script` says */
export async function runStage (t: ExecutionContext<any>, init: AnyStage, candidates: readonly Candidate[], { script, ms = TIME_LIMIT, ...fixture }: Parameters<typeof tryOut>[2] & { script?: Script, ms?: number } = {}): Promise<StageRun> {
  const trial = tryOut(t, init, fixture)

  if (script != null) {
    trial.script(candidates, script)
  }

  trial.give({ candidates })
  await trial.pass(ms)

  return trial
}

/** Returns the nth address of the suite's peer, without the peer id */
export function bareAddress (n: number): Multiaddr {
  return multiaddr(`/ip4/203.0.113.${n}/tcp/4001`)
}

/** Creates a candidate of the suite's peer. A number stands for an address */
export function cand (address: string | number, init?: CandidateInit): Candidate {
  return candidate(typeof address === 'number' ? bareAddress(address) : multiaddr(address), PEER, init)
}

/** Returns components of a node that prefers connections to the candidates in this order. Other addresses are worse than all of them */
export function preferring (...candidates: readonly Candidate[]): { components: () => { convergence: DialConvergence } } {
  const placeOf = (text: string): number => {
    const place = candidates.findIndex(({ multiaddr }) => multiaddr.toString() === text)

    return place === -1 ? candidates.length : place
  }

  return {
    components: () => ({
      convergence: {
        isBetter: ({ multiaddr }, { remoteAddr }) => placeOf(multiaddr.toString()) < placeOf(remoteAddr.toString()),
        isBest: ({ remoteAddr }) => placeOf(remoteAddr.toString()) === 0
      }
    })
  }
}

/** Creates several candidates, by number */
export function cands (...numbers: readonly number[]): Candidate[] {
  return numbers.map(n => cand(n))
}

/** Creates the candidates 1 to `count` */
export function candsUpTo (count: number): Candidate[] {
  return cands(...Array.from({ length: count }, (_, i) => i + 1))
}

/** Shortens addresses for assertions: those of `cands()` to their number */
export function short (ids: ReadonlyArray<string | Candidate>): string {
  return ids.map(one => typeof one === 'string' ? one : one.id)
    .map(id => id.replace(`/p2p/${PEER.toString()}`, '').replace(/^\/ip4\/203\.0\.113\.(\d+)\/tcp\/4001$/, '$1'))
    .join(' ')
}

/** Returns the lists that a run has yielded: the addresses, and whether the list is complete */
export function said (trial: StageRun): string[] {
  return trial.outputs.map(({ value, candidates }) => `${short(candidates)}${value.complete === true ? '' : ' …'}`.trim())
}

/** Returns the dialled addresses with their times */
export function dialled (trial: StageRun): string[] {
  return trial.host.attempts.flatMap(({ candidate, startedAt }) => startedAt == null ? [] : [`${short([candidate])} @${trial.since(startedAt)}`])
}

/** Returns the reason for which an address was dropped */
export function reason (trial: StageRun, candidate: Candidate): string | undefined {
  return trial.host.story.addresses.get(candidate.id)?.dropped?.reason
}

/** Returns the addresses of the yielded connections in order */
export function winners ({ connections }: StageRun): string {
  return short(connections.map(({ remoteAddr }) => remoteAddr.toString()))
}

/** Returns whether every attempt of an address has ended */
export function isOver ({ host }: StageRun, { id }: Candidate): boolean {
  return host.attempts.filter(({ candidate }) => candidate.id === id).every(({ signal, endedAt }) => signal.aborted || endedAt != null)
}
